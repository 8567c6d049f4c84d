// What moves a recording: buttons, a bar, keys.

import { useEffect } from "preact/hooks";
import { type Playback, SPEEDS } from "../../recordings/playback";
import { inDigits } from "../../strings";
import { sayRecordings } from "./strings";
import { asClock } from "./time";

/** Seconds of a step with an arrow key, as `awp play` has it. */
const STEP = 5;

/** Steps of the bar in a second. */
const FINE = 20;

interface Props {
  playback: Playback;
  /** Gives the file to the browser. */
  save: () => void;
}

export function Controls({ playback, save }: Props) {
  useEffect(() => {
    const handle = (event: KeyboardEvent) => {
      if (!takes(playback, event)) return;
      event.preventDefault();
    };
    addEventListener("keydown", handle);
    return () => removeEventListener("keydown", handle);
  }, [playback]);
  const playing = playback.playing.value;
  const over = playback.over.value && !playing;
  return (
    <div class="rec-controls">
      <button
        type="button"
        class="main"
        aria-keyshortcuts="Space"
        onClick={() => playback.toggle()}
      >
        {sayRecordings(playing ? "rec.pause" : over ? "rec.again" : "rec.play")}
      </button>
      <Bar playback={playback} />
      <label>
        {sayRecordings("rec.speed")}
        <select
          value={String(playback.speed.value)}
          onChange={({ currentTarget }) => {
            playback.speed.value = Number(currentTarget.value);
          }}
        >
          {SPEEDS.map((speed) => (
            <option key={speed} value={String(speed)}>
              {`${inDigits(speed)}×`}
            </option>
          ))}
        </select>
      </label>
      <label class="rec-tick">
        <input
          type="checkbox"
          checked={playback.shortened.value}
          onChange={({ currentTarget }) => playback.shorten(currentTarget.checked)}
        />
        {sayRecordings("rec.shorten")}
      </label>
      <button type="button" onClick={save}>
        {sayRecordings("rec.save")}
      </button>
    </div>
  );
}

function Bar({ playback }: { playback: Playback }) {
  const { value: at } = playback.at;
  const { value: length } = playback.duration;
  const { value: marks } = playback.marks;
  const place = sayRecordings("rec.place", { at: asClock(at), length: asClock(length) });
  return (
    <div class="rec-bar">
      <input
        type="range"
        min={0}
        max={Math.max(Math.ceil(length * FINE), 1)}
        value={Math.round(at * FINE)}
        aria-label={sayRecordings("rec.seek")}
        aria-valuetext={place}
        onInput={({ currentTarget }) => playback.seek(Number(currentTarget.value) / FINE)}
      />
      <span class="rec-place">{place}</span>
      {marks.length > 0 && (
        <ul class="rec-marks">
          {marks.map(({ at: when, label }) => (
            <li key={when}>
              <button type="button" class="small" onClick={() => playback.seek(when)}>
                {sayRecordings("rec.mark", { label })}
              </button>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}

/** Does what a key says; false where it is somebody else's. */
function takes(playback: Playback, event: KeyboardEvent): boolean {
  if (event.ctrlKey || event.altKey || event.metaKey) return false;
  const { target } = event;
  // Fields and buttons have keys of their own.
  if (target instanceof HTMLElement && target.closest("input, select, button, a, dialog"))
    return false;
  switch (event.key) {
    case " ":
      playback.toggle();
      return true;
    case "ArrowRight":
      playback.seek(playback.at.value + STEP);
      return true;
    case "ArrowLeft":
      playback.seek(playback.at.value - STEP);
      return true;
    case "+":
      playback.faster(1);
      return true;
    case "-":
      playback.faster(-1);
      return true;
    case "]":
      playback.toMark(1);
      return true;
    case "[":
      playback.toMark(-1);
      return true;
    default:
      return false;
  }
}
