// A text whose blanks are more than text, such as what is to be typed.

import type { ComponentChildren } from "preact";

interface Props {
  text: string;
  blanks: Readonly<Record<string, ComponentChildren>>;
}

export function Rich({ text, blanks }: Props) {
  // Between two blanks there is text; every other part is the name of a blank.
  const parts = text.split(/\{(\w+)\}/);
  return <>{parts.map((part, index) => (index % 2 === 1 ? (blanks[part] ?? part) : part))}</>;
}
