/** What an actor needs in order to see one field or type. */
import { hasScopes } from "@tessera/access";
import type { Actor } from "@tessera/shared-types";

export interface Requirement {
  /** From `@requiresScopes`: any inner list of which the actor holds every scope. */
  readonly scopes?: readonly (readonly string[])[];
  /** From `@policy`: any inner list of which every policy holds. */
  readonly policies?: readonly (readonly string[])[];
}

/** Policy → whether it holds for this request. A policy that is not named is undecided. */
export type Decisions = Readonly<Record<string, boolean>>;

/**
 * What an undecided policy means. `pass`: the subgraph decides it, which has the data, and an anonymous client never
 * gets that far. `refuse`: it does not hold.
 */
export type Undecided = "pass" | "refuse";

/** A decided policy holds or not whoever asks; everything else asks for an actor. */
export function meets(
  { scopes, policies }: Requirement,
  actor: Actor | null,
  decisions: Decisions,
  undecided: Undecided,
): boolean {
  if (policies !== undefined) {
    const otherwise = undecided === "pass" && actor !== null;
    const holds = (policy: string) => (typeof decisions[policy] === "boolean" ? decisions[policy] : otherwise);
    return policies.some((allOf) => allOf.every(holds));
  }
  return actor !== null && (scopes === undefined || hasScopes(actor, scopes));
}

const keys = new WeakMap<Requirement, string>();

/** Equal for requirements that ask the same, in whatever order their lists are written. */
export function keyOf(requirement: Requirement): string {
  const known = keys.get(requirement) ?? makeKey(requirement);
  keys.set(requirement, known);
  return known;
}

function makeKey({ scopes, policies }: Requirement): string {
  if (policies) return `policy${textOf(policies)}`;
  return scopes ? `scopes${textOf(scopes)}` : "authenticated";
}

function textOf(lists: readonly (readonly string[])[]): string {
  return JSON.stringify(lists.map((list) => [...list].sort()).sort());
}
