// The list of recordings.

import { useLayoutEffect, useRef } from "preact/hooks";
import { bytesInWords } from "../../files/amount";
import type { Listed } from "../../recordings/api";
import type { Archive } from "../../recordings/archive";
import { recordingsPath } from "../../route";
import { Prove } from "./prove";
import { sayRecordings } from "./strings";
import { inTime } from "./time";

export function List({ archive, all }: { archive: Archive; all: readonly Listed[] }) {
  const unproven = archive.unproven.value;
  const failure = archive.failure.value;
  if (all.length === 0) {
    return (
      <div class="dash-empty">
        <h2>{sayRecordings("rec.none")}</h2>
        <p>{sayRecordings("rec.noneHint")}</p>
      </div>
    );
  }
  return (
    <>
      <p class="rec-trouble" role="alert">
        {failure !== null && sayRecordings(failure === "busy" ? "rec.busy" : "rec.unreachable")}
      </p>
      <ul class="rec-list">
        {all.map((listed) => (
          <Row key={listed.id} archive={archive} listed={listed} />
        ))}
      </ul>
      {unproven !== null && (
        <Prove
          proven={() => void archive.remove(unproven)}
          closed={() => {
            archive.unproven.value = null;
          }}
        />
      )}
    </>
  );
}

function Row({ archive, listed }: { archive: Archive; listed: Listed }) {
  const { id, app, begun, bytes, until, live } = listed;
  const time = inTime(begun);
  return (
    <li class="rec-row">
      <a href={recordingsPath(id)}>
        <strong>{app === "" ? id : app}</strong>
        <span>{time}</span>
        <span>{bytesInWords(bytes)}</span>
        {live ? (
          <span class="rec-live">{sayRecordings("rec.live")}</span>
        ) : (
          until !== null && <span>{sayRecordings("rec.until", { time: inTime(until) })}</span>
        )}
      </a>
      {!live && <Delete archive={archive} listed={listed} />}
    </li>
  );
}

/** Nothing brings a recording back, so it is asked twice. */
function Delete({ archive, listed: { id, app, begun } }: { archive: Archive; listed: Listed }) {
  const place = useRef<HTMLButtonElement>(null);
  const doubted = archive.doubted.value === id;
  const before = useRef(doubted);
  // The button that was pressed is gone: the keyboard goes to what took its place.
  useLayoutEffect(() => {
    if (before.current !== doubted) place.current?.focus();
    before.current = doubted;
  }, [doubted]);
  const doubt = (of: string | null) => {
    archive.doubted.value = of;
  };
  if (!doubted) {
    const label = sayRecordings("rec.deleteIt", { app, time: inTime(begun) });
    return (
      <button type="button" class="small" aria-label={label} ref={place} onClick={() => doubt(id)}>
        {sayRecordings("rec.delete")}
      </button>
    );
  }
  return (
    <span class="rec-sure">
      <button type="button" class="small" onClick={() => void archive.remove(id)}>
        {sayRecordings("rec.sure")}
      </button>
      <button type="button" class="small" ref={place} onClick={() => doubt(null)}>
        {sayRecordings("rec.keep")}
      </button>
    </span>
  );
}
