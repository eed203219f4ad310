/**
 * Policies: decisions that need more than scopes, taken from the actor's attributes and the field at hand. They are
 * what `@policy(policies: [["…"]])` names in a schema.
 */
import type { Actor } from "@tessera/shared-types";

export interface PolicyFacts {
  /** Arguments of the field; an `input` argument is looked into as well. */
  readonly args: Readonly<Record<string, unknown>>;
  /** The object the field belongs to; for an entity at least its key. `null` for root fields. */
  readonly parent: Readonly<Record<string, unknown>> | null;
}

/** Pure and synchronous. `false` refuses. A policy that finds nothing to judge refuses. */
export type Policy = (actor: Actor, facts: PolicyFacts) => boolean;

/** Every id under one of `names`, in the arguments, in `args.input` and on the parent. */
function idsNamed(names: readonly string[], { args, parent }: PolicyFacts): string[] {
  const places = [args, args.input, parent].filter(
    (place): place is Record<string, unknown> => typeof place === "object" && place !== null,
  );
  return places.flatMap((place) => names.flatMap((name) => asIds(place[name])));
}

function asIds(value: unknown): string[] {
  const values: unknown[] = Array.isArray(value) ? value : [value];
  return values.filter((each): each is string => typeof each === "string");
}

function all(ids: readonly string[], allowed: (id: string) => boolean): boolean {
  return ids.length > 0 && ids.every(allowed);
}

export const builtInPolicies = {
  /** Every project the field is about (`projectId`, `projectIds`) is one the actor is assigned to. */
  assigned_project: (actor, facts) => {
    const assigned = new Set(actor.attributes.projects ?? []);
    return all(idsNamed(["projectId", "projectIds"], facts), (id) => assigned.has(id));
  },
  /** The field is about the actor: `userId` of the arguments, else `userId` or else `id` of the parent. */
  self: (actor, { args, parent }) => {
    const named = idsNamed(["userId"], { args, parent });
    const ids = named.length > 0 ? named : asIds(parent?.id);
    return actor.kind === "user" && all(ids, (id) => id === actor.id);
  },
  /** The field is about the organization the actor works in (`organizationId`, or the parent's `tenantId`). */
  own_organization: (actor, facts) =>
    all(idsNamed(["organizationId", "tenantId"], facts), (id) => id === actor.tenantId),
} as const satisfies Record<string, Policy>;
