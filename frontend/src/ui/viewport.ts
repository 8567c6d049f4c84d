// Keeps the page as high as what can be seen of it: an on-screen keyboard covers the rest.

/** Follows the visible part of the window from now on. */
export function followViewport(): void {
  const viewport = window.visualViewport;
  if (viewport === null) return;
  const apply = () => {
    // A page that is zoomed by fingers keeps its height: only the keyboard is meant.
    if (viewport.scale > 1.01) return;
    document.documentElement.style.setProperty("--height", `${viewport.height}px`);
    window.scrollTo(0, 0);
  };
  viewport.addEventListener("resize", apply);
  // Some phones move the page up instead, to show the field that is being typed in.
  viewport.addEventListener("scroll", apply);
  apply();
}
