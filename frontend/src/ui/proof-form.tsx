// Asks for what proves a person: a name and a password, or the token; then, where the user has a
// second device, for its code.

import type { ComponentChildren, ComponentType } from "preact";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { type Shown, show } from "../credentials";
import { say } from "../strings";

interface Props {
  look: string;
  label: string;
  children: ComponentChildren;
  done: (told: Shown) => void;
}

/** What the server calls its provider of logins, if it has one. */
const PROVIDER = document.documentElement.dataset["provider"];

export function ProofForm({ look, label, children, done }: Props) {
  const [user, setUser] = useState("");
  const [secret, setSecret] = useState("");
  const [code, setCode] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const box = useRef<HTMLInputElement>(null);
  const asksCode = code !== null;
  useLayoutEffect(() => box.current?.focus(), [asksCode]);
  const [Link, offer] = useState<ComponentType<{ name: string }> | null>(null);
  useEffect(() => {
    if (PROVIDER === undefined) return;
    void import("./provider-link").then(({ ProviderLink }) => offer(() => ProviderLink));
  }, []);
  const submit = async (event: Event) => {
    event.preventDefault();
    setBusy(true);
    const name = user.trim();
    const withCode = code === null ? {} : { code };
    const told = await show(
      name === "" ? { token: secret.trim() } : { user: name, password: secret, ...withCode },
    );
    setBusy(false);
    if (told === "code" || told === "otherCode") setCode("");
    else if (told === "refused") setCode(null);
    done(told);
  };
  return (
    <form class={look} aria-label={label} onSubmit={submit}>
      {children}
      {code === null ? (
        <>
          <label>
            {say("login.name")}
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
            {say(user.trim() === "" ? "login.token" : "login.password")}
            <input
              ref={box}
              type="password"
              autocomplete="current-password"
              required
              value={secret}
              onInput={(event) => setSecret(event.currentTarget.value)}
            />
          </label>
        </>
      ) : (
        <label>
          {say("login.codeName")}
          <input
            ref={box}
            type="text"
            inputMode="numeric"
            autocomplete="one-time-code"
            required
            value={code}
            onInput={(event) => setCode(event.currentTarget.value)}
          />
        </label>
      )}
      <button type="submit" disabled={busy}>
        {label}
      </button>
      {Link !== null && PROVIDER !== undefined && !asksCode && <Link name={PROVIDER} />}
    </form>
  );
}
