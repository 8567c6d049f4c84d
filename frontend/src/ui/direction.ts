// Which way the page is read.

/** Whether what comes next lies to the left. */
export function rightToLeft(): boolean {
  return document.documentElement.dir === "rtl";
}

/** An arrow key by what it means in a row of things: the next one, or the one before. */
export function alongRow(key: string): string {
  if (!rightToLeft()) return key;
  if (key === "ArrowLeft") return "ArrowRight";
  return key === "ArrowRight" ? "ArrowLeft" : key;
}
