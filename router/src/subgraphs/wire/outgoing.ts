/** One HTTP request on its way to a subgraph, as every layer between the router and the socket sees it. */
import type { WireRequest } from "../subgraph-call.js";
import type { ReceivedAnswer } from "./received-answer.js";

export interface Outgoing {
  readonly kind: WireRequest["kind"];
  /** A string has one character per byte. */
  readonly body: Buffer | string;
  /** Flat: name, value, name, value, … Constant parts are not repeated in it by the transport. */
  readonly headers: readonly string[];
  /** Ends the exchange; its reason is what the caller is told. */
  readonly signal: AbortSignal;
}

/** Rejects with a `RouterError`, or with a `ConnectionFailure` when the connection is to blame. */
export type Send = (outgoing: Outgoing) => Promise<ReceivedAnswer>;

/** A layer knows one thing about sending, and leaves the rest to the one below it. */
export type Layer = (next: Send) => Send;
