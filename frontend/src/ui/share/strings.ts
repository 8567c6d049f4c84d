// The words of the links of a session.

import { words } from "../../strings";

export const sayShare = words({
  "share.prove": "Show it and make the link",
  "share.proveWhy":
    "This link hands over more than it shows. Your login is some time ago: show again who you are.",
  "share.title": "Share this session",
  "share.may": "Who has the link may",
  "share.watchMeans": "They see this session alone, and all that it shows.",
  "share.writeMeans":
    "Who may type into a shell can read and do all that its account can on that machine, the owner's token included. Make such a link only for somebody whom you would give that account.",
  "share.expires": "It ends after",
  "share.once": "It can be used once only",
  "share.onceShort": "once only",
  "share.make": "Make the link",
  "share.address": "The link, shown this once",
  "share.none": "There is no link to this session.",
  "share.list": "Links to this session",
  "share.revoke": "Revoke",
});
