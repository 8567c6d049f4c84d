// A recording that is played: its screen, and what moves it.

import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import { type Listed, type Refusal, read } from "../../recordings/api";
import { type Cast, NotACast, readCast } from "../../recordings/cast";
import { CastScreen } from "../../recordings/cast-screen";
import { Playback } from "../../recordings/playback";
import { showOnSurface } from "../../surface";
import { Controls } from "./controls";
import { Prove } from "./prove";
import { sayRecordings } from "./strings";
import { inTime } from "./time";

/** Bytes of the longest one that is played here: it is held twice, and parsed in one go. */
const MOST = 128 * 1024 * 1024;

type Found = { cast: Cast; file: Blob } | { broken: number } | Refusal;

async function open(id: string): Promise<Found> {
  const bytes = await read(id);
  if (typeof bytes === "string") return bytes;
  try {
    const cast = readCast(new TextDecoder().decode(bytes));
    return { cast, file: new Blob([bytes], { type: "application/x-asciicast" }) };
  } catch (error) {
    if (error instanceof NotACast) return { broken: error.line };
    throw error;
  }
}

export function Player({ listed }: { listed: Listed | undefined }) {
  const [found, take] = useState<Found | null>(null);
  const [asked, ask] = useState(0);
  const long = listed !== undefined && listed.bytes > MOST;
  const id = listed?.id;
  useEffect(() => {
    if (id !== undefined && !long) void open(id).then(take);
  }, [id, long, asked]);
  if (id === undefined || listed === undefined) return <Note text={sayRecordings("rec.missing")} />;
  if (long) return <Note text={sayRecordings("rec.long", { command: `awp play ${id}` })} />;
  if (found === null) return <p class="dash-empty">{sayRecordings("rec.loading")}</p>;
  if (found === "prove") {
    return <Prove proven={() => ask(asked + 1)} closed={() => {}} />;
  }
  if (typeof found === "string") {
    const known = found === "missing" || found === "forbidden";
    return <Note text={sayRecordings(known ? `rec.${found}` : "rec.unreachable")} />;
  }
  if ("broken" in found) {
    return <Note text={sayRecordings("rec.broken", { line: String(found.broken) })} />;
  }
  const title = `${listed.app}, ${inTime(listed.begun)}`;
  return <Stage name={id} title={title} cast={found.cast} file={found.file} />;
}

function Note({ text }: { text: string }) {
  return (
    <p class="dash-empty" role="alert">
      {text}
    </p>
  );
}

interface StageProps {
  name: string;
  title: string;
  cast: Cast;
  file: Blob;
}

const clock = {
  now: () => performance.now(),
  after: (delay: number, run: () => void) => {
    const timer = setTimeout(run, delay);
    return () => clearTimeout(timer);
  },
};

function Stage({ name, title, cast, file }: StageProps) {
  const host = useRef<HTMLDivElement>(null);
  const [playback, show] = useState<Playback | null>(null);
  useEffect(() => {
    let leave = () => {};
    let gone = false;
    void CastScreen.make(cast.size).then((screen) => {
      if (host.current === null || gone) return screen.dispose();
      screen.mount(host.current);
      showOnSurface({ screenText: () => screen.text() });
      const made = new Playback(cast, screen, clock);
      leave = () => {
        made.dispose();
        screen.dispose();
      };
      show(made);
      made.play();
    });
    return () => {
      gone = true;
      leave();
    };
  }, [cast]);
  const save = useCallback(() => {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(file);
    link.download = `${name}.cast`;
    link.click();
    URL.revokeObjectURL(link.href);
  }, [file, name]);
  return (
    <section class="rec-stage" aria-label={title}>
      <h2>{title}</h2>
      <div class="screen" role="region" aria-label={sayRecordings("rec.screen")} ref={host} />
      {playback !== null && <Controls playback={playback} save={save} />}
    </section>
  );
}
