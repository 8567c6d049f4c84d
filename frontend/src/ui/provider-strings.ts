// The words of the way to the provider of logins.

import { words } from "../strings";

export const sayProvider = words({ "provider.login": "Log in with {name}" });
