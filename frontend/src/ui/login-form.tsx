// Asks for the token where there is no login.

import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { login } from "../credentials";
import { type Notice, notice } from "./model";

type Why = Extract<Notice, { about: "login" }>["why"];

const WORDS: Readonly<Record<Why, string>> = {
  missing: "You are not logged in here.",
  used: "This link was used already: it opens the page once.",
  ended: "Your login has ended.",
  wrong: "This is not the server's token.",
  limited: "There were too many attempts. Wait a moment, then try again.",
};

export function LoginForm({ page, why }: { page: { retry(): void }; why: Why }) {
  const [token, setToken] = useState("");
  const [busy, setBusy] = useState(false);
  const box = useRef<HTMLInputElement>(null);
  useLayoutEffect(() => box.current?.focus(), []);
  const submit = async (event: Event) => {
    event.preventDefault();
    setBusy(true);
    const told = await login({ token: token.trim() });
    setBusy(false);
    if (told === "in") page.retry();
    else notice.value = { about: "login", why: told === "refused" ? "wrong" : "limited" };
  };
  return (
    <form class="card" aria-label="Log in" onSubmit={submit}>
      <h2>Log in</h2>
      <p role="alert">{WORDS[why]}</p>
      <p>
        Open the link that <code>awp</code> printed when it started, or enter the token that{" "}
        <code>awp token show</code> prints.
      </p>
      <label>
        Token
        <input
          ref={box}
          type="password"
          autocomplete="current-password"
          required
          value={token}
          onInput={(event) => setToken(event.currentTarget.value)}
        />
      </label>
      <button type="submit" disabled={busy}>
        Log in
      </button>
    </form>
  );
}
