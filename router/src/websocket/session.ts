/** Who is behind a socket, and who stays behind it when a token is renewed. */
import type { Actor } from "@tessera/shared-types";
import type { WebSocket } from "ws";
import { IdentityRefused } from "../identity/identify.js";
import type { ClientIdentity, IdentifyClient } from "../request/client-request.js";
import type { ClientHeaders } from "../request/request-context.js";

/** A client connects again with a fresh token after 4403, never after 4401. */
export const closeCodes = { unauthorized: 4401, forbidden: 4403, tryAgainLater: 1013 } as const;

export interface Session {
  readonly identity: ClientIdentity;
  /** Said in `connection_init`. */
  readonly headers: ClientHeaders;
  /** By whose rules: when others hold, the client is asked for again. */
  readonly by: IdentifyClient;
}

/** Texts of a message's payload, as headers. */
export function headersIn(payload: unknown): ClientHeaders {
  if (typeof payload !== "object" || payload === null) return {};
  const texts = Object.entries(payload).filter((entry): entry is [string, string] => typeof entry[1] === "string");
  return Object.fromEntries(texts.map(([name, value]) => [name.toLowerCase(), value]));
}

export function refuseSocket(socket: WebSocket, error: unknown): void {
  const { code, status } = error instanceof IdentityRefused ? error : { code: "INTERNAL_SERVER_ERROR", status: 500 };
  if (status !== 401) socket.close(closeCodes.tryAgainLater, code);
  else socket.close(code === "TOKEN_EXPIRED" ? closeCodes.forbidden : closeCodes.unauthorized, code);
}

export function isSamePerson(one: Actor | null, other: Actor | null): boolean {
  if (!one || !other) return false;
  return one.kind === other.kind && one.id === other.id && one.tenantId === other.tenantId;
}

/** Whether both may see the same. A stream that was opened with other rights has to be opened again. */
export function haveSameRights(one: Actor | null, other: Actor | null): boolean {
  return rightsOf(one) === rightsOf(other);
}

function rightsOf(actor: Actor | null): string {
  if (!actor) return "";
  const attributes = Object.entries(actor.attributes).map(([name, values]) => [name, [...values].sort()] as const);
  attributes.sort(([one], [other]) => (one < other ? -1 : 1));
  return JSON.stringify([[...actor.scopes].sort(), [...actor.roles].sort(), attributes]);
}
