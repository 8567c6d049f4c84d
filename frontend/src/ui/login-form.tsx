// Asks who is there, where there is no login.

import { say } from "../strings";
import { type Notice, notice } from "./model";
import { ProofForm } from "./proof-form";
import { Rich } from "./rich";

type Why = Extract<Notice, { about: "login" }>["why"];

export function LoginForm({ page, why }: { page: { retry(): void }; why: Why }) {
  return (
    <ProofForm
      look="card"
      label={say("login.title")}
      done={(told) => {
        if (told === "in") page.retry();
        else notice.value = { about: "login", why: told === "refused" ? "wrong" : told };
      }}
    >
      <h2>{say("login.title")}</h2>
      <p role="alert">{say(`login.${why}`)}</p>
      {why !== "code" && why !== "otherCode" && (
        <p>
          <Rich
            text={say("login.how")}
            blanks={{ awp: <code>awp</code>, show: <code>awp token show</code> }}
          />
        </p>
      )}
    </ProofForm>
  );
}
