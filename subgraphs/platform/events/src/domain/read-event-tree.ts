import type { Context } from "@tessera/subgraph";
import { eventsOfOperation, type StoredEventRow } from "../queries/stored-events.js";
import { type TreeNode, treeOf } from "./event-tree.js";
import { readableEvents } from "./read-access.js";

const mostNodes = 2_000;

export interface EventTree {
  readonly correlationId: string;
  readonly startedAt: Date;
  readonly durationMs: number;
  readonly nodes: readonly TreeNode<StoredEventRow>[];
  readonly deepest: number;
  readonly truncated: boolean;
}

/** What one operation caused, as far as the asker may read it; null when that is nothing. */
export async function readEventTree(ctx: Context, correlationId: string): Promise<EventTree | null> {
  const found = await eventsOfOperation(ctx.db, correlationId, await readableEvents(ctx), mostNodes);
  const events = found.slice(0, mostNodes);
  const [first] = events;
  if (!first) return null;
  const nodes = treeOf(events);
  return {
    correlationId,
    startedAt: first.occurredAt,
    durationMs: nodes.reduce((longest, { offsetMs }) => Math.max(longest, offsetMs), 0),
    nodes,
    deepest: nodes.reduce((deepest, { depth }) => Math.max(deepest, depth), 0),
    truncated: found.length > mostNodes,
  };
}
