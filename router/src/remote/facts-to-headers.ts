/** The facts of a request as headers, so that the next process knows who asks and how long anybody waits. */
import type { RequestFacts } from "@tessera/shared-types";

export function factsToHeaders(facts: RequestFacts): Record<string, string> {
  const { requestId, token, cookie, clientAddress, userAgent } = facts;
  // Clocks differ between machines, so what is sent is the time that is left.
  const left = Math.max(1, Math.round(Math.min(facts.deadline - Date.now(), Number.MAX_SAFE_INTEGER)));
  return {
    "x-request-id": requestId,
    "x-tessera-deadline": String(left),
    ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    ...(cookie === undefined ? {} : { cookie }),
    ...(clientAddress === undefined ? {} : { "x-forwarded-for": clientAddress }),
    ...(userAgent === undefined ? {} : { "user-agent": userAgent }),
  };
}
