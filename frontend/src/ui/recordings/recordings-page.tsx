// Recordings: their list, or the one that is played; and who is asked first.

import { useEffect } from "preact/hooks";
import type { Archive } from "../../recordings/archive";
import { BASE, recordingsPath } from "../../route";
import { LoginForm } from "../login-form";
import { notice } from "../model";
import { List } from "./list";
import { Player } from "./player";
import { sayRecordings } from "./strings";

interface Props {
  archive: Archive;
  /** The one to play. */
  recording: string | null;
}

export function RecordingsPage({ archive, recording }: Props) {
  const found = archive.found.value;
  const title = sayRecordings("rec.title");
  useEffect(() => {
    document.title = `${title} - awp`;
  }, [title]);
  if (found === "login") {
    const now = notice.value;
    return (
      <main class="dash">
        <LoginForm
          page={{ retry: () => void archive.retry() }}
          why={now?.about === "login" ? now.why : "missing"}
        />
      </main>
    );
  }
  const home = recording === null ? BASE : recordingsPath();
  return (
    <>
      <header class="dash-bar">
        <a class="rec-home" href={home}>
          {sayRecordings(recording === null ? "rec.home" : "rec.back")}
        </a>
        <h1>{title}</h1>
      </header>
      <main class="dash rec">
        {found === null && <p class="dash-empty">{sayRecordings("rec.loading")}</p>}
        {typeof found === "string" && <Refused archive={archive} why={found} />}
        {found !== null && typeof found !== "string" && recording === null && (
          <List archive={archive} all={found} />
        )}
        {found !== null && typeof found !== "string" && recording !== null && (
          <Player listed={found.find(({ id }) => id === recording)} />
        )}
      </main>
    </>
  );
}

function Refused({ archive, why }: { archive: Archive; why: string }) {
  const known = why === "forbidden" || why === "missing" || why === "busy";
  return (
    <div class="dash-empty" role="alert">
      <p>{sayRecordings(known ? `rec.${why}` : "rec.unreachable")}</p>
      {!known && (
        <button type="button" onClick={() => void archive.retry()}>
          {sayRecordings("rec.retry")}
        </button>
      )}
    </div>
  );
}
