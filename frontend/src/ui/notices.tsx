// What has to be said, in words: no login, no such session, a lost connection, an end.

import { useEffect, useState } from "preact/hooks";
import type { Page } from "../page";
import { newPath } from "../route";
import { inDigits, say } from "../strings";
import { LoginForm } from "./login-form";
import { type Notice, notice } from "./model";
import { Rich } from "./rich";

export function NoticeCard({ page }: { page: Page }) {
  const now = notice.value;
  if (now === null) return null;
  if (now.about === "reconnecting") return <Reconnecting page={page} now={now} />;
  if (now.about === "ended")
    return page.panes.value.length > 0 ? null : (
      <Card title={say("ended.title")}>{say("ended.text")}</Card>
    );
  if (now.about === "login") return <LoginForm page={page} why={now.why} />;
  if (now.about === "reload") {
    return (
      <Card title={say("reload.title")}>
        <p>{say("reload.text")}</p>
        <button type="button" onClick={() => location.reload()}>
          {say("reload.again")}
        </button>
      </Card>
    );
  }
  if (now.about === "refused") {
    return <Card title={say("refused.title")}>{say("refused.text")}</Card>;
  }
  if (now.about === "noApp") {
    return (
      <Card title={say("noApp.title")}>
        <Rich text={say("noApp.text")} blanks={{ app: <code>{now.app}</code> }} />
      </Card>
    );
  }
  return now.wasOpen ? (
    <Card title={say("gone.title")}>{say("gone.text")}</Card>
  ) : (
    <Card title={say("unknown.title")}>
      <Rich text={say("unknown.text")} blanks={{ session: <code>{now.session}</code> }} />
    </Card>
  );
}

function Card({ title, children }: { title: string; children: preact.ComponentChildren }) {
  return (
    <section class="card" aria-label={title}>
      <h2>{title}</h2>
      <div>{children}</div>
      <a class="button" href={newPath()}>
        {say("pane.newSession")}
      </a>
    </section>
  );
}

type Lost = Extract<Notice, { about: "reconnecting" }>;

/** Milliseconds between two looks at the clock: the text counts whole seconds. */
const TICK = 250;

function Reconnecting({ page, now }: { page: Page; now: Lost }) {
  const [, look] = useState(0);
  useEffect(() => {
    const timer = setInterval(() => look((count) => count + 1), TICK);
    return () => clearInterval(timer);
  }, []);
  const seconds = Math.ceil((now.retryAt - performance.now()) / 1000);
  const next = seconds > 0 ? say("lost.soon", { seconds: inDigits(seconds) }) : say("lost.trying");
  return (
    <section class="banner" aria-label={say("lost.title")}>
      <p>
        <strong>{say(`lost.${now.why}`)}</strong> {next}
      </p>
      <button type="button" onClick={() => page.retry()}>
        {say("lost.now")}
      </button>
    </section>
  );
}
