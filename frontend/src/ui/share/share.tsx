// The links of a session: makes them, lists them, revokes them. What a link that may type hands over
// is said before there is one.

import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import type { Shown } from "../../credentials";
import type { Page } from "../../page";
import { listLinks, makeLink, revokeLink, type ShareLink, type Wanted } from "../../share-api";
import { count, type StringKey, say, spoken } from "../../strings";
import { session } from "../model";
import { closeOverlay } from "../overlay";
import { ProofForm } from "../proof-form";
import { sayShare } from "./strings";
import "../../style/overlay.css";

/** How long a link may last; the server takes at most seven days. */
const LASTS: readonly (readonly [string, StringKey])[] = [
  ["30m", "share.halfHour"],
  ["1h", "share.hour"],
  ["1d", "share.day"],
  ["7d", "share.week"],
];
const USUAL = "1h";

/** What is said to who was to show again who it is, and did not. */
const TOLD: Readonly<Record<Exclude<Shown, "in">, StringKey>> = {
  refused: "login.wrong",
  code: "login.code",
  otherCode: "login.otherCode",
  limited: "login.limited",
  unreachable: "login.unreachable",
};

export function Share({ page }: { page: Page }) {
  const dialog = useRef<HTMLDialogElement>(null);
  const [id] = useState(() => session.value ?? "");
  const [links, show] = useState<readonly ShareLink[]>([]);
  const [made, tell] = useState<string | null>(null);
  const [trouble, complain] = useState("");
  /** What is made as soon as it was shown again who asks. */
  const [unproven, prove] = useState<Wanted | null>(null);
  useLayoutEffect(() => dialog.current?.showModal(), []);
  const refresh = async () => {
    const now = await listLinks(id);
    if (now === null) complain(say("session.failed"));
    else show(now);
  };
  useEffect(() => void refresh(), []);
  const make = async (wanted: Wanted) => {
    const link = await makeLink(id, wanted);
    prove(link === "prove" ? wanted : null);
    if (link === "prove") {
      tell(null);
      complain("");
      return;
    }
    tell(link?.url ?? null);
    complain(link === null ? say("session.failed") : "");
    await refresh();
  };
  const revoke = async (link: ShareLink) => {
    complain((await revokeLink(link.id)) ? "" : say("session.failed"));
    // The address that is still shown may be the one that opens nothing any more.
    tell(null);
    await refresh();
  };
  return (
    <dialog
      class="ask share"
      ref={dialog}
      aria-labelledby="share-title"
      onClose={() => closeOverlay(page)}
    >
      <h2 id="share-title">{sayShare("share.title")}</h2>
      {unproven === null ? (
        <Wishes make={make} />
      ) : (
        <ProofForm
          look="prove"
          label={sayShare("share.prove")}
          done={(told) => {
            complain(told === "in" ? "" : say(TOLD[told]));
            if (told === "in") void make(unproven);
          }}
        >
          <p role="status">{sayShare("share.proveWhy")}</p>
        </ProofForm>
      )}
      {made !== null && <Made url={made} />}
      <p class="trouble" role="alert">
        {trouble}
      </p>
      <Links links={links} revoke={revoke} />
      <div class="buttons">
        <button type="button" onClick={() => dialog.current?.close()}>
          {say("sheet.close")}
        </button>
      </div>
    </dialog>
  );
}

/** What the next link is to be. */
function Wishes({ make }: { make: (wanted: Wanted) => Promise<void> }) {
  const [write, mayWrite] = useState(false);
  const choice = (value: "watch" | "write", text: StringKey) => (
    <label>
      <input
        type="radio"
        name="may"
        value={value}
        checked={write === (value === "write")}
        onChange={() => mayWrite(value === "write")}
      />
      {say(text)}
    </label>
  );
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    const given = new FormData(event.currentTarget as HTMLFormElement);
    const expires = String(given.get("expires"));
    void make({ write, expires, once: given.has("once") });
  };
  return (
    <form onSubmit={submit}>
      <fieldset>
        <legend>{sayShare("share.may")}</legend>
        {choice("watch", "share.watch")}
        {choice("write", "share.write")}
      </fieldset>
      <p class={write ? "warning" : "quiet"} role="status">
        {sayShare(write ? "share.writeMeans" : "share.watchMeans")}
      </p>
      <label class="lasts">
        {sayShare("share.expires")}
        <select name="expires" defaultValue={USUAL}>
          {LASTS.map(([value, text]) => (
            <option key={value} value={value} selected={value === USUAL}>
              {say(text)}
            </option>
          ))}
        </select>
      </label>
      <label>
        <input type="checkbox" name="once" />
        {sayShare("share.once")}
      </label>
      <button type="submit">{sayShare("share.make")}</button>
    </form>
  );
}

/** The address of the link that was just made. */
function Made({ url }: { url: string }) {
  const box = useRef<HTMLInputElement>(null);
  const [copied, done] = useState(false);
  useLayoutEffect(() => {
    box.current?.focus();
    box.current?.select();
    done(false);
  }, [url]);
  const copy = async () => {
    box.current?.select();
    // Without a secure origin there is no clipboard, but what is selected can be copied.
    if (navigator.clipboard === undefined) document.execCommand("copy");
    else await navigator.clipboard.writeText(url);
    done(true);
  };
  return (
    <div class="made">
      <label>
        {sayShare("share.address")}
        <input ref={box} type="text" readOnly value={url} />
      </label>
      <button type="button" onClick={() => void copy()}>
        {say(copied ? "select.copied" : "select.copy")}
      </button>
    </div>
  );
}

interface LinksProps {
  links: readonly ShareLink[];
  revoke: (link: ShareLink) => Promise<void>;
}

function Links({ links, revoke }: LinksProps) {
  const moment = new Intl.DateTimeFormat(spoken(), { dateStyle: "medium", timeStyle: "short" });
  if (links.length === 0) return <p class="quiet">{sayShare("share.none")}</p>;
  return (
    <>
      <h3>{sayShare("share.list")}</h3>
      <ul>
        {links.map((link) => {
          const until = moment.format(link.expires * 1000);
          const kind = say(link.write ? "share.write" : "share.watch");
          const name = say("share.until", { kind, until });
          return (
            <li key={link.id}>
              <span>
                {name}
                <span class="quiet">
                  {count("share.uses", link.uses)}
                  {link.once && `, ${sayShare("share.onceShort")}`}
                </span>
              </span>
              <button
                type="button"
                class="danger"
                aria-label={say("share.revokeOf", { name })}
                onClick={() => void revoke(link)}
              >
                {sayShare("share.revoke")}
              </button>
            </li>
          );
        })}
      </ul>
    </>
  );
}
