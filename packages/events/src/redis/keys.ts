/**
 * Key names. The braces are the hash tag of Redis Cluster: all keys of one partition live in one slot, and no command or
 * script of this driver names keys of two partitions.
 */
import { hash } from "node:crypto";
import type { EventEnvelope } from "@tessera/shared-types";
import { laneOf } from "../lanes.js";

/** Changing it moves aggregates to other partitions, so only when the streams are empty. */
export const partitions = 16;

export interface Keys {
  stream(partition: number): string;
  lease(partition: number, group: string): string;
  /** Channel: which partition got something, see `arrivals.ts`. */
  readonly arrivals: string;
  /** Channel: announced events. */
  readonly announcements: string;
}

export function keysOf(namespace: string): Keys {
  return {
    stream: (partition) => `tessera:${namespace}:{events:${partition}}:stream`,
    lease: (partition, group) => `tessera:${namespace}:{events:${partition}}:lease:${group}`,
    arrivals: `tessera:${namespace}:arrivals`,
    announcements: `tessera:${namespace}:announcements`,
  };
}

export const everyPartition: readonly number[] = Array.from({ length: partitions }, (_, partition) => partition);

/** By the first four bytes of the lane's hash. */
export function partitionOf(event: EventEnvelope): number {
  return Number.parseInt(hash("sha1", laneOf(event)).slice(0, 8), 16) % partitions;
}

/** Stream ids are `<milliseconds>-<number>`. */
export function compareIds(a: string, b: string): number {
  const [aTime = "0", aCount = "0"] = a.split("-");
  const [bTime = "0", bCount = "0"] = b.split("-");
  return Number(aTime) - Number(bTime) || Number(aCount) - Number(bCount);
}
