// The bar at the top: what the session is called, its tabs, who is here.

import type { Page } from "../page";
import { say } from "../strings";
import { keysOf } from "./chords";
import { DashboardLink } from "./dashboard/link";
import { narrow, role, state } from "./model";
import { Presence } from "./presence";
import { SessionName } from "./session-name";
import { Switcher } from "./switcher";
import { Tabs } from "./tabs";

export function TopBar({ page }: { page: Page }) {
  const open = role.value !== "watch" && state.value !== "ended" && state.value !== "lost";
  return (
    <header class="top">
      {!page.kiosk && <DashboardLink />}
      <SessionName />
      {narrow.value ? <Switcher page={page} /> : <Tabs page={page} />}
      {open && (
        <button
          type="button"
          class="small new-tab"
          aria-label={say("tabs.new")}
          title={`${say("tabs.new")} (${keysOf("newTab")})`}
          onClick={() => void page.desk.newTab()}
        >
          <span aria-hidden="true">+</span>
        </button>
      )}
      <span class="gap" />
      {role.value === "watch" && <WatchBanner />}
      <Presence />
    </header>
  );
}

function WatchBanner() {
  return <span class="watch">{say("watch.banner")}</span>;
}
