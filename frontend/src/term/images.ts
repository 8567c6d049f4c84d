// Images in the output: sixels, and files in iTerm's form. Most terminals never show one, so that what
// draws them is loaded with the first; until it is there the terminal waits, since an image moves the
// cursor.

import type { Terminal } from "@xterm/xterm";
import type { ImageLayer } from "./image-layer";

/** Has a terminal draw the images that come. */
export function heedImages(terminal: Terminal): void {
  let loading: Promise<ImageLayer | null> | null = null;
  const show = async (act: (layer: ImageLayer) => void) => {
    loading ??= import("./image-layer").then(
      ({ ImageLayer }) => new ImageLayer(terminal),
      () => null,
    );
    const layer = await loading;
    if (layer === null) loading = null;
    else act(layer);
    return true;
  };
  terminal.parser.registerDcsHandler({ final: "q" }, (data, params) => {
    return show((layer) => layer.sixels(data, params));
  });
  terminal.parser.registerOscHandler(1337, (data) => {
    return data.startsWith("File=") && show((layer) => layer.file(data));
  });
}
