// What a kiosk shows: the program, a dot while the connection is lost, a keyboard where there is
// none. Nothing else can be reached.

import "../../style/kiosk.css";
import { useEffect, useState } from "preact/hooks";
import type { Kiosk } from "../../kiosk/kiosk";
import { say } from "../../strings";
import { DeskView } from "../desk-view";
import { catchFiles } from "../files/drop";
import { LockedPlace } from "../locked/place";
import { LoginForm } from "../login-form";
import { notice, state } from "../model";
import { TouchPlace } from "../touch/place";
import { ScreenKeyboard } from "./keyboard";

export function KioskApp({ kiosk }: { kiosk: Kiosk }) {
  const page = kiosk.page.value;
  const panes = page.panes.value;
  const now = notice.value;
  // A login is written with the system's keyboard: the kiosk's own types into the program.
  const keyboard = useOwnKeyboard(kiosk) && now?.about !== "login";
  const title = panes[0]?.model.label.value ?? "awp";
  document.title = title;
  useEffect(() => catchFiles(false), []);
  return (
    <>
      <main class="page kiosk">
        <h1 class="unseen">{title}</h1>
        <div class="panes">
          {panes.length > 0 && <DeskView key={page} page={page} />}
          <LockedPlace page={page} />
          {now?.about === "login" && <LoginForm page={kiosk} why={now.why} />}
        </div>
        <Dot />
      </main>
      {keyboard ? <ScreenKeyboard /> : <TouchPlace kiosk={true} />}
    </>
  );
}

/** Says in a corner that the connection is not there; a person in front of it can do nothing. */
function Dot() {
  const away = state.value === "reconnecting" || state.value === "lost";
  const lost = away && notice.value?.about !== "login";
  return (
    <div role="status">
      {lost && (
        <span class="kiosk-dot">
          <span class="unseen">{say("kiosk.lost")}</span>
        </span>
      )}
    </div>
  );
}

/** Whether the keyboard on the screen is needed: a key that is pressed shows that there is another. */
function useOwnKeyboard(kiosk: Kiosk): boolean {
  const { keyboard } = kiosk.options;
  const [needed, need] = useState(() => {
    const fingersOnly = matchMedia("(pointer: coarse)").matches;
    return keyboard === "on" || (keyboard === "auto" && fingersOnly);
  });
  useEffect(() => {
    if (keyboard !== "auto") return;
    const pressed = (event: KeyboardEvent) => {
      // Only a real key has a place on a keyboard.
      if (event.isTrusted && event.code !== "") need(false);
    };
    const touched = (event: PointerEvent) => {
      if (event.pointerType === "touch") need(true);
    };
    addEventListener("keydown", pressed, { capture: true });
    addEventListener("pointerdown", touched, { capture: true });
    return () => {
      removeEventListener("keydown", pressed, { capture: true });
      removeEventListener("pointerdown", touched, { capture: true });
    };
  }, [keyboard]);
  return needed;
}
