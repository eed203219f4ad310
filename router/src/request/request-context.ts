/** What travels with one client operation through the router, from its first header to the last byte of its answer. */
import type { RequestFacts } from "@tessera/shared-types";
import { abortReason, unwatchAbort, watchAbort } from "../subgraphs/wire/abort-watch.js";
import type { Lifetime } from "./client-request.js";

/** Lower-case names; several values of one name as Node.js gives them. */
export type ClientHeaders = Readonly<Record<string, string | readonly string[] | undefined>>;

/** One operation of a client: who asks, what was sent along, and what goes on the head of the answer. */
export interface RequestContext {
  readonly facts: RequestFacts;
  /** Says the same as the signal of the facts. */
  readonly lifetime: Lifetime;
  /** As the client sent them: with the HTTP request, or for a socket in `connection_init` and `extensions.headers`. */
  readonly clientHeaders: ClientHeaders;
  /** What goes on the head of the answer besides its body; subgraphs and hooks add to it. */
  readonly head: AnswerHead;
}

/** The head of an answer while it is being made. */
export interface AnswerHead {
  /** One entry for each `Set-Cookie` line. */
  readonly setCookie: string[];
  /** Lower-case name → value. */
  readonly headers: Map<string, string>;
  /** The strictest cache policy any subgraph asked for; `null` while nobody said anything. */
  cachePolicy: CachePolicy | null;
  /** A subgraph said nothing about its answer, so the whole must not be kept whatever the others say. */
  hasUnsaidPolicy: boolean;
  /** Made for this request so far. */
  subgraphCalls: number;
}

/** How long an answer may be kept, and by whom: `private` by its client alone. */
export interface CachePolicy {
  readonly maxAgeSeconds: number;
  readonly scope: "public" | "private";
}

export function createRequestContext(
  facts: RequestFacts,
  clientHeaders: ClientHeaders,
  lifetime: Lifetime = lifetimeOf(facts),
): RequestContext {
  const head = { setCookie: [], headers: new Map(), cachePolicy: null, hasUnsaidPolicy: false, subgraphCalls: 0 };
  return { facts, lifetime, clientHeaders, head };
}

/** For facts whose signal others made. */
export function lifetimeOf(facts: RequestFacts): Lifetime {
  return {
    get abortReason() {
      return facts.signal.aborted ? abortReason(facts.signal) : undefined;
    },
    watch: (watcher) => watchAbort(facts.signal, watcher),
    unwatch: (watcher) => unwatchAbort(facts.signal, watcher),
  };
}
