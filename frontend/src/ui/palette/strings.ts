// The words of the palette.

import { words } from "../../strings";

export const sayPalette = words({
  "palette.title": "Commands",
  "palette.sessions": "Other sessions",
  "palette.none": "Nothing is called like that.",
  "palette.pane": "Go to {title} (tab {number})",
  "palette.session": "Session: {name}",
});
