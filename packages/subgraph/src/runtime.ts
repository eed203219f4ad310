/** What hosts share between subgraphs: the database, the events, the cache, and who verifies tokens. */
import { hkdfSync } from "node:crypto";
import type { Verifier } from "@tessera/access";
import type { Cache, Database } from "@tessera/database";
import type { Events } from "@tessera/events";
import type { Processes } from "@tessera/processes";
import type { Telemetry } from "@tessera/telemetry";
import type { GraphDoor } from "./graph-client/graph-door.js";

export interface Runtime {
  readonly database: Database;
  readonly events: Events;
  readonly cache: Cache;
  readonly telemetry: Telemetry;
  /** Verifies tokens that arrive over a socket. In process the router has done so already. */
  readonly verifier: Verifier;
  /** Every finished reaction is announced (`platform.reaction.done`), for somebody who keeps copies. Default false. */
  readonly announcesReactions?: boolean;
  readonly secrets: { key(purpose: string): Buffer };
  /** The supergraph this process belongs to; without it `context.graph` says GRAPH_UNAVAILABLE. */
  readonly graph?: GraphDoor;
  /** Durable processes; without them `context.processes` says PROCESSES_UNAVAILABLE. */
  readonly processes?: Processes;
  clock(): Date;
}

export interface RuntimeParts extends Omit<Runtime, "secrets" | "clock"> {
  /** The installation's secret, 32 bytes or more; keys for each purpose are derived from it. */
  readonly secret: Buffer;
  readonly clock?: () => Date;
}

export function createRuntime({ secret, clock, ...parts }: RuntimeParts): Runtime {
  return { ...parts, clock: clock ?? (() => new Date()), secrets: { key: (purpose) => deriveKey(secret, purpose) } };
}

/** HKDF-SHA-256 (RFC 5869): one secret, an independent 32-byte key for each purpose. */
export function deriveKey(secret: Buffer, purpose: string): Buffer {
  return Buffer.from(hkdfSync("sha256", secret, Buffer.alloc(0), `tessera/${purpose}`, 32));
}
