// The terminal that a recording is shown on: nobody types there, and it answers nothing.

import type { Size } from "../term/guess";
import type { TerminalView } from "../term/view";
import type { Screen } from "./playback";

const NOTHING = new Uint8Array();

export class CastScreen implements Screen {
  private readonly view: TerminalView;
  private readonly encoder = new TextEncoder();

  private constructor(View: typeof TerminalView, size: Size) {
    const nobody = () => {};
    this.view = new View(
      { size, quiet: true, replay: true, alone: false },
      {
        typed: nobody,
        titled: nobody,
        wanted: nobody,
        alone: () => false,
        boxed: nobody,
        drawnBy: nobody,
        tabMoves: nobody,
        path: nobody,
        copied: nobody,
        doubtful: nobody,
        older: null,
      },
    );
    // Its size is that of the day, whatever the window's is now.
    this.view.decides(false);
    this.view.lend((terminal) => {
      terminal.options.disableStdin = true;
      terminal.options.cursorBlink = false;
    });
  }

  /** Makes it, with what draws terminals on the other pages. */
  static async make(size: Size): Promise<CastScreen> {
    const { TerminalView: View } = await import("../main");
    return new CastScreen(View, size);
  }

  mount(host: HTMLElement): void {
    this.view.mount(host);
  }

  begin(size: Size): void {
    this.view.snapshot(size, NOTHING, () => {});
  }

  resize(size: Size): void {
    this.view.resize(size, () => {});
  }

  write(text: string): Promise<void> {
    return new Promise((shown) => this.view.output(this.encoder.encode(text), shown));
  }

  /** The rows that are in view. */
  text(): string[] {
    return this.view.screenText();
  }

  dispose(): void {
    this.view.dispose();
  }
}
