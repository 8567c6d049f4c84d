// What has to be said, in words: no login, no such session, a lost connection, an end.

import { useEffect, useState } from "preact/hooks";
import type { Page } from "../page";
import { newPath } from "../route";
import { LoginForm } from "./login-form";
import { type Notice, notice } from "./model";

export function NoticeCard({ page }: { page: Page }) {
  const now = notice.value;
  if (now === null) return null;
  if (now.about === "reconnecting") return <Reconnecting page={page} now={now} />;
  if (now.about === "ended")
    return page.panes.value.length > 0 ? null : <Card title="Ended">The session has ended.</Card>;
  if (now.about === "login") return <LoginForm page={page} why={now.why} />;
  if (now.about === "reload") {
    return (
      <Card title="There is a newer page">
        The server has been updated and no longer speaks with this page.
        <button type="button" onClick={() => location.reload()}>
          Load the page again
        </button>
      </Card>
    );
  }
  if (now.about === "refused") {
    return (
      <Card title="The server has closed this connection">It does not allow what was asked.</Card>
    );
  }
  return now.wasOpen ? (
    <Card title="The session is gone">
      It ended while the connection was lost. What it showed last is behind this note.
    </Card>
  ) : (
    <Card title="There is no such session">
      <p>
        No session is called <code>{now.session}</code>. It may have ended.
      </p>
    </Card>
  );
}

function Card({ title, children }: { title: string; children: preact.ComponentChildren }) {
  return (
    <section class="card" aria-label={title}>
      <h2>{title}</h2>
      <div>{children}</div>
      <a class="button" href={newPath()}>
        New session
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
  const next = seconds > 0 ? `Trying again in ${seconds} s.` : "Trying again now.";
  return (
    <section class="banner" aria-label="Connection lost">
      <p>
        <strong>{now.why === "full" ? "The server is full." : "The connection is lost."}</strong>{" "}
        {next} What you type is kept.
      </p>
      <button type="button" onClick={() => page.retry()}>
        Try now
      </button>
    </section>
  );
}
