// The one policy of Trusted Types: it lets scripts of this bundle be named, and nothing else.

interface Policy {
  createScriptURL(url: string): string;
}

interface Factory {
  createPolicy(name: string, rules: { createScriptURL(url: string): string }): Policy;
}

const OWN = new URL(/* @vite-ignore */ "./", import.meta.url);

/** The one script that lies beside the page and not among its files: what it may see follows from that. */
const WORKER = new URL("../sw.js", OWN).href;

function own(url: string): string {
  const target = new URL(url, OWN);
  if (target.href === WORKER) return WORKER;
  if (target.origin !== OWN.origin || !target.pathname.startsWith(OWN.pathname)) {
    throw new TypeError("not a script of this page");
  }
  return target.href;
}

const factory = (globalThis as { trustedTypes?: Factory }).trustedTypes;
const policy: Policy = factory?.createPolicy("awp", { createScriptURL: own }) ?? {
  createScriptURL: own,
};

/** The address of a script of this bundle, in the form that the browser takes it. */
export function trustedScriptUrl(url: string): string {
  return policy.createScriptURL(url);
}
