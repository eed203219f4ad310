/** What the stand-alone subgraphs of the platform expect, so that they know who asks and how long anybody waits. */
import type { HeaderRules } from "./header-rules.js";

export const tesseraHeaders: HeaderRules = {
  request: [
    { insert: { name: "authorization", fromFact: "token", prefix: "Bearer " } },
    { insert: { name: "cookie", fromFact: "cookie" } },
    { insert: { name: "user-agent", fromFact: "userAgent" } },
    { insert: { name: "x-forwarded-for", fromFact: "clientAddress" } },
    { insert: { name: "x-tessera-deadline", fromFact: "millisecondsLeft" } },
  ],
  response: [{ propagate: { named: "set-cookie" } }],
};
