// The bar above the cards: what this is, the search, a new session.

import type { Overview } from "../../dashboard/overview";
import { say } from "../../strings";

/** A device without keys is told of none. */
const fingers = matchMedia("(pointer: coarse)");

export function Bar({ overview }: { overview: Overview }) {
  const { list } = overview;
  const search = (event: { currentTarget: HTMLInputElement }) => {
    list.query.value = event.currentTarget.value;
  };
  const make = () => {
    overview.making.value = true;
  };
  return (
    <header class="dash-bar">
      <span class="brand" aria-hidden="true">
        awp
      </span>
      <search>
        <input
          id="search"
          type="search"
          aria-label={say("dash.search")}
          aria-keyshortcuts="/"
          placeholder={say(fingers.matches ? "dash.search" : "dash.searchHint")}
          autocomplete="off"
          autocapitalize="off"
          spellcheck={false}
          enterkeyhint="go"
          value={list.query.value}
          onInput={search}
        />
      </search>
      {overview.owner.value && (
        <button type="button" class="main" aria-label={say("dash.new")} onClick={make}>
          {say("dash.newShort")}
        </button>
      )}
    </header>
  );
}
