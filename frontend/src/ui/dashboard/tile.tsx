// The card of a session: its screen, its name, and in a line what else is known of it.

import { useLayoutEffect, useRef } from "preact/hooks";
import { age } from "../../dashboard/age";
import type { Overview } from "../../dashboard/overview";
import { exitOf, hasScreen, isGood, isShut, type Listed, nameOf } from "../../dashboard/session";
import { sessionPath } from "../../route";
import { count, say } from "../../strings";
import { RenameBox } from "./rename-box";

interface TileProps {
  id: string;
  first: boolean;
  overview: Overview;
}

export function Tile({ id, first, overview }: TileProps) {
  const session = overview.list.session(id)?.value;
  const screen = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    if (screen.current === null) return;
    return overview.thumbnails.show(id, screen.current);
  }, [id, overview]);
  if (session === undefined) return null;
  const { shown } = overview.list;
  const current = overview.current.value;
  const known = current !== null && shown.value.includes(current);
  // One card is reached by Tab, the others from there by the arrow keys.
  const reached = known ? current === id : first;
  const waiting = overview.waiting.value.some((waiting) => waiting.id === id);
  const focused = () => {
    overview.current.value = id;
  };
  return (
    <li class={`tile ${session.state}${waiting ? " waiting-end" : ""}`} onFocusIn={focused}>
      <div class="tile-screen" ref={screen}>
        {!hasScreen(session) && <span>{say(isShut(session) ? "card.login" : "card.pipes")}</span>}
      </div>
      <div class="tile-head">
        {overview.renamed.value === id ? (
          <RenameBox overview={overview} session={session} />
        ) : (
          <a
            class="tile-open"
            id={`open-${id}`}
            href={sessionPath(id)}
            tabIndex={reached ? 0 : -1}
            aria-describedby={`facts-${id}`}
          >
            <span class="tile-name">{nameOf(session)}</span>{" "}
            <span class="tile-id">{session.id}</span>
          </a>
        )}
        <StateMark session={session} />
      </div>
      <Facts session={session} overview={overview} />
      {overview.owner.value && (
        <Acts session={session} overview={overview} waiting={waiting} reached={reached} />
      )}
    </li>
  );
}

function StateMark({ session }: { session: Listed }) {
  const exit = exitOf(session);
  if (session.state === "ended" && exit !== null) {
    const words =
      "code" in exit
        ? say("card.code", { code: String(exit.code) })
        : say("card.signal", { signal: exit.signal });
    return <span class={`mark ${isGood(exit) ? "good" : "bad"}`}>{words}</span>;
  }
  const look = { running: "live", ending: "reconnecting", ended: "ended" }[session.state];
  return (
    <span class={`mark state ${look}`}>
      <span class="dot" aria-hidden="true" />
      {say(`card.${session.state}`)}
    </span>
  );
}

function Facts({ session, overview }: { session: Listed; overview: Overview }) {
  const seconds = overview.list.now.value - session.created;
  const { viewers, processes } = session;
  return (
    <p class="tile-facts" id={`facts-${session.id}`}>
      <span>{session.app}</span>
      <span title={say("card.age", { age: age(seconds, "long") })}>
        <span class="unseen">{say("card.age", { age: age(seconds, "long") })}</span>
        <span aria-hidden="true">{age(seconds, "narrow")}</span>
      </span>
      <span>{count("card.processes", processes.length)}</span>
      <span>{count("card.viewers", viewers)}</span>
    </p>
  );
}

interface ActsProps {
  session: Listed;
  overview: Overview;
  waiting: boolean;
  reached: boolean;
}

function Acts({ session, overview, waiting, reached }: ActsProps) {
  const { id, state } = session;
  const tabIndex = reached ? 0 : -1;
  const name = nameOf(session);
  const rename = () => {
    overview.renamed.value = id;
  };
  const over = state === "ended";
  return (
    <div class="tile-acts">
      {!over && (
        <button
          type="button"
          tabIndex={tabIndex}
          aria-label={say("card.rename", { name })}
          onClick={rename}
        >
          {say("card.renameShort")}
        </button>
      )}
      {waiting ? (
        <button type="button" tabIndex={tabIndex} onClick={() => overview.undo(id)}>
          {say("toast.undo")}
        </button>
      ) : (
        <button
          type="button"
          tabIndex={tabIndex}
          disabled={state === "ending"}
          aria-label={say(over ? "card.remove" : "card.end", { name })}
          onClick={() => overview.endSoon(id)}
        >
          {say(over ? "card.removeShort" : "card.endShort")}
        </button>
      )}
    </div>
  );
}
