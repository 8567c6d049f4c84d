// Asks again who is there, before it is seen what others saw, or deleted.

import { useEffect, useState } from "preact/hooks";
import type { ProveDialog } from "../prove/prove-dialog";
import { sayRecordings } from "./strings";

export function Prove({ proven, closed }: { proven: () => void; closed: () => void }) {
  const [Loaded, load] = useState<typeof ProveDialog | null>(null);
  useEffect(() => {
    void import("../prove/prove-dialog").then(({ ProveDialog }) => load(() => ProveDialog));
  }, []);
  if (Loaded === null) return <p class="dash-empty">{sayRecordings("rec.loading")}</p>;
  const words = { why: sayRecordings("rec.proveWhy"), yes: sayRecordings("rec.proveYes") };
  return <Loaded words={words} proven={proven} closed={closed} />;
}
