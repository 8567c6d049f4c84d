// The service worker: keeps the page itself, so that it opens while the server is away and says so.
// It never touches what the server tells: the API and the sockets pass it by.

/** The files of this page, put here by the build; the paths are below the page's own. */
declare const SHELL: readonly string[];

/** Names this build: other files make another worker. */
declare const BUILD: string;

interface Lasting extends Event {
  waitUntil(work: Promise<unknown>): void;
}

interface Fetching extends Event {
  readonly request: Request;
  respondWith(answer: Promise<Response>): void;
}

interface Clicked extends Lasting {
  readonly notification: Notification & { readonly data: Origin };
}

/** What a page asks for, where only a worker may show it. */
interface Asked {
  readonly title: string;
  readonly body: string;
  readonly tag: string;
  /** Of the page that asks. */
  readonly address: string;
}

/** Where a notification comes from: a window by its id, and the address that it had. */
interface Origin {
  readonly window: string;
  readonly address: string;
}

interface Told extends Lasting {
  readonly data: unknown;
  readonly source: Opened | null;
}

interface Opened {
  readonly id: string;
  focus(): Promise<unknown>;
  postMessage(message: unknown): void;
}

interface Worker {
  readonly location: Location;
  readonly registration: ServiceWorkerRegistration;
  readonly clients: {
    claim(): Promise<void>;
    get(id: string): Promise<Opened | undefined>;
    openWindow(address: string): Promise<unknown>;
  };
  skipWaiting(): Promise<void>;
  addEventListener(event: "install" | "activate", act: (event: Lasting) => void): void;
  addEventListener(event: "fetch", act: (event: Fetching) => void): void;
  addEventListener(event: "notificationclick", act: (event: Clicked) => void): void;
  addEventListener(event: "message", act: (event: Told) => void): void;
}

const worker = self as unknown as Worker;
const HOME = new URL("./", worker.location.href);
const PREFIX = `awp ${HOME.pathname} `;
const CACHE = PREFIX + BUILD;

worker.addEventListener("install", (event) => {
  const keep = async () => {
    const cache = await caches.open(CACHE);
    await cache.addAll(SHELL.map((path) => new URL(path, HOME).href));
  };
  event.waitUntil(keep());
});

worker.addEventListener("activate", (event) => {
  const tidy = async () => {
    for (const name of await caches.keys()) {
      if (name.startsWith(PREFIX) && name !== CACHE) await caches.delete(name);
    }
    await worker.clients.claim();
  };
  event.waitUntil(tidy());
});

worker.addEventListener("message", (event) => {
  const { data, source } = event;
  if (data === "take over") void worker.skipWaiting();
  const asked = (data as { notify?: Asked } | null)?.notify;
  if (asked === undefined || source === null) return;
  const { title, body, tag, address } = asked;
  // An address does not tell windows apart: theirs is for ever the one that they were opened with.
  const from: Origin = { window: source.id, address };
  event.waitUntil(worker.registration.showNotification(title, { body, tag, data: from }));
});

worker.addEventListener("notificationclick", (event) => {
  const { data, tag } = event.notification;
  const { window, address } = data;
  event.notification.close();
  const show = async () => {
    const from = await worker.clients.get(window);
    // The window may be gone by now; only an address of this page is ever opened.
    if (from === undefined) {
      if (address.startsWith(HOME.href)) await worker.clients.openWindow(address);
      return;
    }
    from.postMessage({ clicked: tag });
    await from.focus();
  };
  event.waitUntil(show().catch(() => undefined));
});

worker.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || !url.href.startsWith(HOME.href)) return;
  const path = url.pathname.slice(HOME.pathname.length);
  // A login leads through addresses that are no page.
  if (path.startsWith("api/")) return;
  if (path.startsWith("assets/")) event.respondWith(kept(request));
  // Every address of the page is the same file; what it shows it asks the server.
  else if (request.mode === "navigate") event.respondWith(fresh(request));
});

/** A file whose name says what it holds: the one that is kept, else the server's. */
async function kept(request: Request): Promise<Response> {
  return (await caches.match(request)) ?? fetch(request);
}

/** The page as the server has it, or as it was while there is no server. */
async function fresh(request: Request): Promise<Response> {
  try {
    return await fetch(request);
  } catch (error) {
    const shell = await caches.match(HOME.href);
    if (shell === undefined) throw error;
    return shell;
  }
}
