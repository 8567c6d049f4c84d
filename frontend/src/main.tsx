export function start(){document.title="x"}
