// Where the ends of others' sessions wait until it was shown again who asks for them.

import { useEffect, useState } from "preact/hooks";
import type { Overview } from "../../dashboard/overview";
import type { ProveDialog } from "../prove/prove-dialog";

export function Unproven({ overview }: { overview: Overview }) {
  const [Loaded, load] = useState<typeof ProveDialog | null>(null);
  useEffect(() => {
    void import("../prove/prove-dialog").then(({ ProveDialog }) => load(() => ProveDialog));
  }, []);
  if (Loaded === null) return null;
  return <Loaded proven={() => overview.endProven()} closed={() => overview.endNone()} />;
}
