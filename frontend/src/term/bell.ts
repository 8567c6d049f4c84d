// The bell of a terminal: a flash or a sound, where the person wants one.

import type { Terminal } from "@xterm/xterm";
import type { Settings } from "../settings/kept";

/** Milliseconds from one ring to the next: a program that rings without end must neither dazzle, which
 * begins at three flashes a second, nor howl. */
const PAUSE = 400;

/** The sound: hertz, seconds, and of full loudness. */
const SOUND = { pitch: 660, length: 0.12, loudness: 0.12 };

/** Milliseconds of the flash. */
const FLASH = 200;

let last = Number.NEGATIVE_INFINITY;
let sound: AudioContext | null = null;

function beep(): void {
  sound ??= new AudioContext();
  const tone = sound.createOscillator();
  const volume = sound.createGain();
  const { currentTime: now } = sound;
  tone.frequency.value = SOUND.pitch;
  volume.gain.setValueAtTime(SOUND.loudness, now);
  volume.gain.linearRampToValueAtTime(0, now + SOUND.length);
  tone.connect(volume).connect(sound.destination);
  tone.start(now);
  tone.stop(now + SOUND.length);
}

/** Rings. */
export function ring(terminal: Terminal, how: Exclude<Settings["bell"], "off">): void {
  const now = performance.now();
  if (now - last < PAUSE) return;
  last = now;
  if (how === "sound") beep();
  else terminal.element?.animate([{ opacity: 0.4 }, { opacity: 1 }], FLASH);
}
