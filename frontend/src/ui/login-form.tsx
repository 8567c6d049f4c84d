// Asks for a name and a password, or for the token, where there is no login.

import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { login } from "../credentials";
import { type Notice, notice } from "./model";

type Why = Extract<Notice, { about: "login" }>["why"];

const WORDS: Readonly<Record<Why, string>> = {
  missing: "You are not logged in here.",
  used: "This link was used already, was taken back, or is too old.",
  ended: "Your login has ended.",
  wrong: "This is not the server's token, or not the name and password of a user.",
  limited: "There were too many attempts. Wait a moment, then try again.",
};

export function LoginForm({ page, why }: { page: { retry(): void }; why: Why }) {
  const [user, setUser] = useState("");
  const [secret, setSecret] = useState("");
  const [busy, setBusy] = useState(false);
  const box = useRef<HTMLInputElement>(null);
  useLayoutEffect(() => box.current?.focus(), []);
  const submit = async (event: Event) => {
    event.preventDefault();
    setBusy(true);
    const name = user.trim();
    const told = await login(
      name === "" ? { token: secret.trim() } : { user: name, password: secret },
    );
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
        <code>awp token show</code> prints. If you were given a name and a password, enter these.
      </p>
      <label>
        Name, if you have one
        <input
          type="text"
          autocomplete="username"
          autocapitalize="none"
          spellcheck={false}
          value={user}
          onInput={(event) => setUser(event.currentTarget.value)}
        />
      </label>
      <label>
        {user.trim() === "" ? "Token" : "Password"}
        <input
          ref={box}
          type="password"
          autocomplete="current-password"
          required
          value={secret}
          onInput={(event) => setSecret(event.currentTarget.value)}
        />
      </label>
      <button type="submit" disabled={busy}>
        Log in
      </button>
    </form>
  );
}
