import { type Actor, type BuiltInRole, builtInRoles } from "@tessera/shared-types";

/**
 * The semantics of `@requiresScopes(scopes: [[a, b], [c]])`: any inner list of which the actor holds every scope.
 * No scope implies another: `identity:admin` does not include `identity:read`. An empty outer list is never satisfied.
 */
export function hasScopes(actor: Actor | null, anyOfAllOf: readonly (readonly string[])[]): boolean {
  if (actor === null) return false;
  return anyOfAllOf.some((allOf) => allOf.every((scope) => actor.scopes.has(scope)));
}

/** Every scope that at least one of the named roles holds. A key that names no role adds nothing. */
export function scopesOfRoles(
  keys: readonly string[],
  roles: readonly Pick<BuiltInRole, "key" | "scopes">[] = builtInRoles,
): Set<string> {
  const wanted = new Set(keys);
  return new Set(roles.filter((role) => wanted.has(role.key)).flatMap((role) => role.scopes));
}
