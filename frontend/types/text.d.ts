// UTF-8, as every JavaScript runtime has it. The layers that are compiled without the browser's
// types need no more of the world than this.
declare class TextEncoder {
  encode(text: string): Uint8Array<ArrayBuffer>;
}
declare class TextDecoder {
  constructor(label: string, options: { fatal: boolean });
  decode(bytes: Uint8Array): string;
}
