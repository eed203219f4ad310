/**
 * How long one operation of a client lives, and the facts every hop needs about it. The same for HTTP and sockets: they
 * only say differently who is behind the operation and when it is over.
 */
import { setMaxListeners } from "node:events";
import type { Actor, RequestFacts } from "@tessera/shared-types";
import { RouterError } from "../errors/router-error.js";
import type { AbortWatcher } from "../subgraphs/wire/abort-watch.js";
import type { Deadline, Deadlines } from "./deadlines.js";
import type { ClientHeaders } from "./request-context.js";

/** Who sends an operation, as far as it could be verified. */
export interface ClientIdentity {
  readonly actor: Actor | null;
  readonly token?: string;
}

/**
 * Reads an identity from headers with lower-case names, for sockets from what they were opened with. Answers at once
 * when it can. @throws what refuses the request; rejects with the same.
 */
export type IdentifyClient = (headers: ClientHeaders) => ClientIdentity | Promise<ClientIdentity>;

export interface ClientRequestOptions {
  readonly requestId: string;
  readonly identity: ClientIdentity;
  /** When nobody waits any more. */
  readonly deadlines: Deadlines;
  readonly cookie?: string | undefined;
  readonly clientAddress?: string | undefined;
  readonly userAgent?: string | undefined;
}

type Mutable<Value> = { -readonly [Key in keyof Value]: Value[Key] };

/** Node.js timers hold at most so many milliseconds. */
const longestTimer = 2 ** 31 - 1;

/** How long somebody waits for an answer: what an `AbortSignal` says, without the cost of making one. */
export interface Lifetime {
  /** Set once nobody waits any more. */
  readonly abortReason: RouterError | undefined;
  watch(watcher: AbortWatcher): void;
  unwatch(watcher: AbortWatcher): void;
}

export class ClientRequest implements Lifetime {
  readonly #facts: Mutable<RequestFacts>;
  readonly #deadlines: Deadlines;
  readonly #deadline: Deadline;
  #controller: AbortController | undefined;
  #reason: RouterError | undefined;
  #watchers: Set<AbortWatcher> | undefined;
  #isOver = false;

  constructor(options: ClientRequestOptions) {
    this.#deadlines = options.deadlines;
    this.#deadline = this.#deadlines.add(() => this.#expire());
    this.#facts = createFacts(options, this.#deadline.at, this);
  }

  get facts(): RequestFacts {
    return this.#facts;
  }

  /** Made when somebody first wants to know: most requests end before anybody asks. */
  get signal(): AbortSignal {
    if (!this.#controller) {
      this.#controller = new AbortController();
      // Every fetch of a plan listens to it, so Node.js must not take many listeners for a leak.
      setMaxListeners(0, this.#controller.signal);
      if (this.#reason !== undefined) this.#controller.abort(this.#reason);
    }
    return this.#controller.signal;
  }

  get abortReason(): RouterError | undefined {
    return this.#reason;
  }

  watch(watcher: AbortWatcher): void {
    this.#watchers ??= new Set();
    this.#watchers.add(watcher);
  }

  unwatch(watcher: AbortWatcher): void {
    this.#watchers?.delete(watcher);
  }

  abort(reason: RouterError): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#reason = reason;
    this.#deadlines.remove(this.#deadline);
    this.#controller?.abort(reason);
    for (const watcher of this.#watchers ?? []) watcher.aborted(reason);
  }

  /** A stream has no deadline but that of its token. */
  becomeStream(): void {
    this.#deadlines.remove(this.#deadline);
    this.#facts.deadline = this.#facts.actor?.expiresAt ?? Number.MAX_SAFE_INTEGER;
  }

  /** A new token of the same person, for what is still to be asked on their behalf. */
  renew({ actor, token }: ClientIdentity): void {
    this.#facts.actor = actor;
    if (token !== undefined) this.#facts.token = token;
    this.#facts.deadline = actor?.expiresAt ?? Number.MAX_SAFE_INTEGER;
  }

  /** Call when the operation is answered. */
  end(): void {
    this.#isOver = true;
    this.#deadlines.remove(this.#deadline);
  }

  #expire(): void {
    this.abort(new RouterError("REQUEST_TIMEOUT", { limit: this.#deadlines.timeoutMs }));
  }
}

/** Calls `onExpiry` when a token runs out. The returned function stops the clock. */
export function whenExpired(expiresAt: number | undefined, onExpiry: () => void): () => void {
  if (expiresAt === undefined) return () => {};
  const timer = setTimeout(onExpiry, Math.min(Math.max(expiresAt - Date.now(), 0), longestTimer));
  return () => clearTimeout(timer);
}

/** A plain object, because others copy it: the getter stands on it and not on a prototype. */
function createFacts(options: ClientRequestOptions, deadline: number, request: ClientRequest): Mutable<RequestFacts> {
  const { requestId, identity, cookie, clientAddress, userAgent } = options;
  const facts: Mutable<RequestFacts> = {
    requestId,
    actor: identity.actor,
    deadline,
    get signal() {
      return request.signal;
    },
  };
  if (identity.token !== undefined) facts.token = identity.token;
  if (cookie !== undefined) facts.cookie = cookie;
  if (clientAddress !== undefined) facts.clientAddress = clientAddress;
  if (userAgent !== undefined) facts.userAgent = userAgent;
  return facts;
}
