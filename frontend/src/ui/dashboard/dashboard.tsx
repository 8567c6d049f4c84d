// The overview of all sessions: a bar to search and start, and a card for each session.

import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import type { Overview } from "../../dashboard/overview";
import { recordingsPath } from "../../route";
import { count, say } from "../../strings";
import { LoginForm } from "../login-form";
import { notice } from "../model";
import { Bar } from "./bar";
import { onKey, useFocusKept } from "./keyboard";
import { NewDialog } from "./new-dialog";
import { Tile } from "./tile";
import { Toasts } from "./toasts";
import { Unproven } from "./unproven";

export function Dashboard({ overview }: { overview: Overview }) {
  const { list } = overview;
  const login = list.standing.value === "login";
  document.title = `${say("dash.title")} - awp`;
  useEffect(() => {
    const handle = (event: KeyboardEvent) => onKey(overview, event);
    addEventListener("keydown", handle);
    return () => removeEventListener("keydown", handle);
  }, [overview]);
  return (
    <>
      {!login && <Bar overview={overview} />}
      <main class="dash">
        <h1 class="unseen">{say("dash.title")}</h1>
        <Standing overview={overview} />
        {login ? <Login overview={overview} /> : <Tiles overview={overview} />}
      </main>
      <Toasts overview={overview} />
      {overview.unproven.value.length > 0 && <Unproven overview={overview} />}
      {overview.making.value && <NewDialog overview={overview} />}
    </>
  );
}

/** What is wrong with the server, while something is. */
function Standing({ overview }: { overview: Overview }) {
  const standing = overview.list.standing.value;
  const gone = standing === "gone";
  const known = overview.list.count.value > 0;
  return (
    <div role="alert">
      {(gone || standing === "busy") && (
        <p class="dash-note">
          <span class="state lost">
            <span class="dot" aria-hidden="true" />
          </span>
          {gone ? (
            <span>
              <strong>{say("dash.gone")}</strong> {say(known ? "dash.goneHint" : "dash.goneEmpty")}
            </span>
          ) : (
            say("dash.busy")
          )}
        </p>
      )}
    </div>
  );
}

function Login({ overview }: { overview: Overview }) {
  const now = notice.value;
  return <LoginForm page={overview} why={now?.about === "login" ? now.why : "ended"} />;
}

function Tiles({ overview }: { overview: Overview }) {
  const { list, thumbnails } = overview;
  const ids = list.shown.value;
  const scroller = useRef<HTMLElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  useLayoutEffect(() => {
    if (scroller.current === null || canvas.current === null) return;
    return thumbnails.attach(scroller.current, canvas.current);
  }, [thumbnails]);
  useLayoutEffect(() => thumbnails.moved(), [ids, thumbnails]);
  useFocusKept(overview, ids);
  return (
    <nav class="tiles-scroll" aria-label={say("dash.list")} ref={scroller}>
      <ul class="tiles" id="tiles">
        {ids.map((id, index) => (
          <Tile key={id} id={id} first={index === 0} overview={overview} />
        ))}
      </ul>
      {ids.length === 0 && <Nothing overview={overview} />}
      {overview.recordings.value > 0 && (
        <p class="dash-more">
          <a href={recordingsPath()}>{count("dash.recordings", overview.recordings.value)}</a>
        </p>
      )}
      <div aria-hidden="true">
        <canvas class="thumbnails" ref={canvas} />
      </div>
      <p class="unseen" role="status">
        {list.standing.value !== "loading" && counted(ids.length, list.count.value)}
      </p>
    </nav>
  );
}

function counted(found: number, all: number): string {
  if (found === all) return count("dash.all", all);
  return say("dash.found", { count: String(found), all: String(all) });
}

/** No card: why, and what to do. */
function Nothing({ overview }: { overview: Overview }) {
  const { list } = overview;
  if (list.standing.value === "loading") return <p class="dash-empty">{say("dash.loading")}</p>;
  if (list.count.value > 0) {
    const clear = () => {
      list.query.value = "";
    };
    return (
      <div class="dash-empty">
        <p>{say("dash.noMatch", { query: list.query.value })}</p>
        <button type="button" onClick={clear}>
          {say("dash.clear")}
        </button>
      </div>
    );
  }
  if (list.standing.value !== "live") return <p class="dash-empty">{say("dash.away")}</p>;
  const make = () => {
    overview.making.value = true;
  };
  return (
    <div class="dash-empty">
      <h2>{say("dash.none")}</h2>
      <p>{say("dash.noneHint")}</p>
      {overview.owner.value && (
        <button type="button" class="main" onClick={make}>
          {say("dash.new")}
        </button>
      )}
    </div>
  );
}
