// The words of the search.

import { words } from "../../strings";

const FIND = {
  "find.bar": "Search in {title}",
  "find.text": "Search",
  "find.previous": "Previous match (Enter)",
  "find.next": "Next match (Shift+Enter)",
  "find.exact": "Match case",
  "find.regex": "Regular expression",
  "find.close": "Close the search",
  "find.at": "{at} of {count}",
  "find.more": "{at} of more than {count}",
  "find.none": "No match",
  "find.wrong": "Not a regular expression: {why}",
  "find.slow": "This expression takes too long; write it without repetitions within repetitions.",
  "find.full": "Only the newest {count} lines are in this page; older ones were not searched.",
  "find.alternate": "Only the screen that the program shows was searched.",
} as const;

export const say = words(FIND);
