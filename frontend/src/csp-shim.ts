// Lets the terminal keep its styles under a policy without inline styles. It makes style elements
// and style attributes by script, which such a policy refuses; a constructed sheet and the style
// object do the same and are allowed, because only a script of this page can reach them.

/** Installs it. Only what is made after this is covered. */
export function installStyleShim(): void {
  const create = Document.prototype.createElement;
  Document.prototype.createElement = function (
    this: Document,
    name: string,
    options?: ElementCreationOptions,
  ): HTMLElement {
    if (name.toLowerCase() !== "style") return create.call(this, name, options);
    return sheetElement(create.call(this, "awp-style"));
  } as typeof create;

  const setAttribute = Element.prototype.setAttribute;
  Element.prototype.setAttribute = function (name: string, value: string): void {
    if (name.toLowerCase() === "style" && this instanceof HTMLElement) this.style.cssText = value;
    else setAttribute.call(this, name, value);
  };
}

/** An element whose text is a style sheet of the document for as long as it is not removed. */
function sheetElement(element: HTMLElement): HTMLElement {
  const sheet = new CSSStyleSheet();
  element.hidden = true;
  document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
  let text = "";
  Object.defineProperty(element, "textContent", {
    get: () => text,
    set: (value: string | null) => {
      text = value ?? "";
      sheet.replaceSync(text);
    },
  });
  const remove = element.remove;
  element.remove = () => {
    remove.call(element);
    document.adoptedStyleSheets = document.adoptedStyleSheets.filter((other) => other !== sheet);
  };
  return element;
}
