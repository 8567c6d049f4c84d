// The way to the provider of logins, where the server has one: a link, and what it is called.

import { keepPlace } from "../credentials";
import { apiPath } from "../route";
import { sayProvider } from "./provider-strings";

export function ProviderLink({ name }: { name: string }) {
  return (
    <a class="button" href={apiPath("oidc/start")} onClick={keepPlace}>
      {sayProvider("provider.login", { name })}
    </a>
  );
}
