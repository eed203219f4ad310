/** Nobody gives or takes what they do not have themselves. */
import type { TenantDb } from "@tessera/database";
import type { Actor } from "@tessera/shared-types";
import { errors } from "../errors.js";
import { rolesByKey } from "../queries/roles.js";
import { allScopes, type RoleValue } from "./built-in-roles.js";

const known = new Set(allScopes);

/** @throws EXCEEDS_OWN_SCOPES naming what is too much. */
export function refuseBeyond(actor: Pick<Actor, "scopes">, scopes: Iterable<string>): void {
  const beyond = [...new Set(scopes)].filter((scope) => !actor.scopes.has(scope));
  if (beyond.length > 0) throw errors.EXCEEDS_OWN_SCOPES({ scopes: beyond.join(", ") });
}

/** Without repetition, in order. @throws SCOPE_UNKNOWN */
export function knownScopes(scopes: readonly string[]): string[] {
  const unknown = scopes.find((scope) => !known.has(scope));
  if (unknown !== undefined) throw errors.SCOPE_UNKNOWN({ scope: unknown });
  return [...new Set(scopes)].sort();
}

/** The roles behind the keys, each of which the actor may give. @throws ROLE_UNKNOWN, EXCEEDS_OWN_SCOPES */
export async function grantableRoles(
  db: TenantDb,
  actor: Pick<Actor, "scopes">,
  keys: readonly string[],
): Promise<RoleValue[]> {
  const wanted = [...new Set(keys)];
  const found = await rolesByKey(db, wanted);
  const roles = wanted.map((key, index) => {
    const role = found[index];
    if (!role) throw errors.ROLE_UNKNOWN({ role: key });
    return role;
  });
  refuseBeyond(
    actor,
    roles.flatMap((role) => role.scopes),
  );
  return roles;
}

/** @throws EXCEEDS_OWN_SCOPES when somebody with these roles may do more than the actor. */
export async function refuseAbove(db: TenantDb, actor: Pick<Actor, "scopes">, keys: readonly string[]): Promise<void> {
  const roles = await rolesByKey(db, keys);
  refuseBeyond(
    actor,
    roles.flatMap((role) => role?.scopes ?? []),
  );
}
