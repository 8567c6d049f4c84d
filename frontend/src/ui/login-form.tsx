// Asks who is there, where there is no login.

import { say } from "../strings";
import { type Notice, notice } from "./model";
import { ProofForm } from "./proof-form";

type Why = Extract<Notice, { about: "login" }>["why"];

const WORDS: Readonly<Record<Why, string>> = {
  missing: "You are not logged in here.",
  used: "This link was used already, was taken back, or is too old.",
  ended: "Your login has ended.",
  wrong: say("prove.wrong"),
  code: say("prove.code"),
  otherCode: say("prove.otherCode"),
  limited: say("prove.limited"),
  unreachable: say("prove.unreachable"),
};

export function LoginForm({ page, why }: { page: { retry(): void }; why: Why }) {
  return (
    <ProofForm
      look="card"
      label="Log in"
      done={(told) => {
        if (told === "in") page.retry();
        else notice.value = { about: "login", why: told === "refused" ? "wrong" : told };
      }}
    >
      <h2>Log in</h2>
      <p role="alert">{WORDS[why]}</p>
      {why !== "code" && why !== "otherCode" && (
        <p>
          Open the link that <code>awp</code> printed when it started, or enter the token that{" "}
          <code>awp token show</code> prints. If you were given a name and a password, enter these.
        </p>
      )}
    </ProofForm>
  );
}
