/** One message of a subgraph that calls back. */
import { createHash, timingSafeEqual } from "node:crypto";
import type { GraphQLFormattedError } from "graphql";

export interface CallbackMessage {
  readonly action: "check" | "next" | "complete";
  readonly id: string;
  readonly verifier: string;
  /** Of `next`: a GraphQL response. */
  readonly payload?: unknown;
  /** Of `complete`: why. */
  readonly errors?: readonly GraphQLFormattedError[];
}

const actions = new Set<unknown>(["check", "next", "complete"]);

/** Null for anything that is not a message of the protocol. */
export function readMessage(json: unknown): CallbackMessage | null {
  if (typeof json !== "object" || json === null) return null;
  const { kind, action, id, verifier, errors } = json as Record<string, unknown>;
  const isMessage = kind === "subscription" && actions.has(action) && typeof id === "string";
  if (!isMessage || typeof verifier !== "string") return null;
  return errors === undefined || Array.isArray(errors) ? (json as CallbackMessage) : null;
}

/** Takes the same time wherever the two differ. */
export function isMessageFor(message: CallbackMessage, verifier: string): boolean {
  return timingSafeEqual(digest(message.verifier), digest(verifier));
}

function digest(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}
