/** The seam between a connection and the protocol its subscriptions speak. */
import type { SubgraphResult } from "@tessera/shared-types";
import type { StreamRequest } from "../subgraph-call.js";

export interface StreamSource {
  /** Rejects when the operation is refused, as far as that is known by then; otherwise the first read does. */
  open(request: StreamRequest): Promise<AsyncIterableIterator<SubgraphResult>>;
  close(): Promise<void>;
}

/** Where a source puts what it reads. */
export interface EventSink {
  push(event: SubgraphResult): void;
  complete(): void;
  fail(error: unknown): void;
}

/** Begins to fill the sink; what it returns ends the stream at its source. */
export type OpenStream = (events: EventSink) => () => void;
