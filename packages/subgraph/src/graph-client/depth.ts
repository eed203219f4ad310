/**
 * How many automatic steps have led to this one. It travels as an attribute of the actor through calls and in the
 * envelope of events, so that something that triggers itself, on whatever ways, comes to an end.
 */
import type { Actor } from "@tessera/shared-types";

/** Steps that may cause each other; a chain people mean to build is far shorter. */
export const deepest = 16;

const depthAttribute = "depth";

/** What says so on an actor. */
export function depthAttributes(depth: number): Actor["attributes"] {
  return depth > 0 ? { [depthAttribute]: [String(depth)] } : {};
}

/** 0 for what a person or another system does. */
export function depthOf(actor: Pick<Actor, "attributes"> | null): number {
  const depth = Number(actor?.attributes[depthAttribute]?.[0] ?? 0);
  return Number.isSafeInteger(depth) && depth > 0 ? depth : 0;
}
