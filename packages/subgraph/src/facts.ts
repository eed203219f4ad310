/** Request facts from the headers a router sends; the same names over HTTP and, per operation, over WebSocket. */
import { randomUUID } from "node:crypto";
import type { RequestFacts } from "@tessera/shared-types";
import type { Runtime } from "./runtime.js";

export type Headers = Readonly<Record<string, string | undefined>>;

const longestRequestMs = 60_000;
const usualRequestMs = 10_000;

/** @throws AccessError when there is a token and it does not verify. */
export async function factsFromHeaders(headers: Headers, runtime: Runtime, signal: AbortSignal): Promise<RequestFacts> {
  const token = headers.authorization?.replace(/^Bearer /i, "");
  const actor = token ? await runtime.verifier.verify(token) : null;
  return {
    requestId: headers["x-request-id"] ?? randomUUID(),
    actor,
    deadline: Date.now() + millisecondsLeft(headers["x-tessera-deadline"]),
    signal,
    ...(token ? { token } : {}),
    ...optional("cookie", headers.cookie),
    ...optional("clientAddress", headers["x-forwarded-for"]),
    ...optional("userAgent", headers["user-agent"]),
  };
}

function millisecondsLeft(header: string | undefined): number {
  const left = Number(header);
  return header && Number.isFinite(left) ? Math.min(Math.max(left, 1), longestRequestMs) : usualRequestMs;
}

function optional<Key extends string>(key: Key, value: string | undefined): Partial<Record<Key, string>> {
  return value === undefined ? {} : ({ [key]: value } as Record<Key, string>);
}
