// Keeps bytes and what happens between them in order: the terminal parses later than it is given
// to, and a change of size belongs after the bytes before it and before those after it.

interface Writer {
  write(bytes: Uint8Array, parsed: () => void): void;
}

type Step =
  | { bytes: Uint8Array; parsed: () => void }
  | { act: () => void }
  | { until: Promise<unknown> };

export class Sequence {
  private readonly writer: Writer;
  private readonly steps: Step[] = [];
  private unparsed = 0;
  private waiting = false;

  constructor(writer: Writer) {
    this.writer = writer;
  }

  /** Writes bytes; `parsed` is called once the terminal has dealt with them. */
  write(bytes: Uint8Array, parsed: () => void): void {
    this.steps.push({ bytes, parsed });
    this.advance();
  }

  /** Does something once everything before it was parsed. */
  afterwards(act: () => void): void {
    this.steps.push({ act });
    this.advance();
  }

  /** Everything after this waits for it, however it ends. */
  wait(until: Promise<unknown>): void {
    this.steps.push({ until });
    this.advance();
  }

  private advance(): void {
    for (let step = this.steps[0]; step !== undefined && !this.waiting; step = this.steps[0]) {
      if ("until" in step) {
        this.steps.shift();
        this.waiting = true;
        const go = () => {
          this.waiting = false;
          this.advance();
        };
        step.until.then(go, go);
      } else if ("act" in step) {
        if (this.unparsed > 0) return;
        this.steps.shift();
        step.act();
      } else {
        this.steps.shift();
        this.unparsed += 1;
        const { parsed } = step;
        this.writer.write(step.bytes, () => {
          this.unparsed -= 1;
          parsed();
          this.advance();
        });
      }
    }
  }
}
