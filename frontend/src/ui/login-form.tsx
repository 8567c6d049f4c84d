// Asks who is there, where there is no login.

import { type Notice, notice } from "./model";
import { ProofForm } from "./proof-form";

type Why = Extract<Notice, { about: "login" }>["why"];

const WORDS: Readonly<Record<Why, string>> = {
  missing: "You are not logged in here.",
  used: "This link was used already, was taken back, or is too old.",
  ended: "Your login has ended.",
  wrong: "This is not the server's token, or not the name and password of a user.",
  code: "Enter the code that your second device shows now.",
  otherCode: "This is not its code, or it was used before. Wait for the next one.",
  limited: "There were too many attempts. Wait a moment, then try again.",
  unreachable: "The server does not answer. Try again.",
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
