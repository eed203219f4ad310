/** The events of one operation as a tree: each below the one it is a reaction to. */

export interface Caused {
  readonly id: string;
  readonly causationId: string | null;
  readonly occurredAt: Date;
}

export interface TreeNode<Event> {
  readonly event: Event;
  readonly parentId: string | null;
  readonly depth: number;
  /** Milliseconds after the first event. */
  readonly offsetMs: number;
  /** Milliseconds after the event above; null for a root. */
  readonly afterParentMs: number | null;
}

/**
 * Nodes in the order of a walk, roots and siblings in the order of the events. An event whose cause is not among them is
 * a root; so is the first of a circle, which only forged events can make.
 */
export function treeOf<Event extends Caused>(events: readonly Event[]): TreeNode<Event>[] {
  const known = new Map(events.map((event) => [event.id, event]));
  const children = new Map<string, Event[]>();
  for (const event of events) {
    if (event.causationId === null || !known.has(event.causationId)) continue;
    const siblings = children.get(event.causationId);
    if (siblings) siblings.push(event);
    else children.set(event.causationId, [event]);
  }
  const start = Math.min(...events.map(({ occurredAt }) => occurredAt.getTime()));
  const nodes: TreeNode<Event>[] = [];
  const seen = new Set<string>();
  // A stack instead of calls: a chain may be thousands of events long.
  const walk = (root: Event): void => {
    const open: { event: Event; parent: Event | null; depth: number }[] = [{ event: root, parent: null, depth: 0 }];
    for (let next = open.pop(); next; next = open.pop()) {
      const { event, parent, depth } = next;
      if (seen.has(event.id)) continue;
      seen.add(event.id);
      nodes.push(nodeOf(event, parent, depth, start));
      const below = children.get(event.id) ?? [];
      for (const child of below.toReversed()) open.push({ event: child, parent: event, depth: depth + 1 });
    }
  };
  for (const event of events) if (event.causationId === null || !known.has(event.causationId)) walk(event);
  for (const event of events) if (!seen.has(event.id)) walk(event);
  return nodes;
}

function nodeOf<Event extends Caused>(event: Event, parent: Event | null, depth: number, start: number) {
  const at = event.occurredAt.getTime();
  const afterParentMs = parent ? at - parent.occurredAt.getTime() : null;
  return { event, parentId: parent?.id ?? null, depth, offsetMs: at - start, afterParentMs };
}
