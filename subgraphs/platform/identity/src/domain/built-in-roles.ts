/** The roles every organization has, and everything a role can permit. Pure. */
import { createHash } from "node:crypto";
import { actions, builtInRoles, modules } from "@tessera/shared-types";

export interface RoleValue {
  readonly id: string;
  readonly key: string;
  readonly name: string;
  readonly description: string;
  readonly scopes: readonly string[];
  readonly builtIn: boolean;
}

/** A name-based UUID (version 8): the same key has the same id in every installation. */
function idOfKey(key: string): string {
  const bytes = createHash("sha256").update(`tessera/identity/role/${key}`).digest().subarray(0, 16);
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x80;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  return bytes.toString("hex").replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

export const builtInRoleValues: readonly RoleValue[] = builtInRoles.map((role) => ({
  ...role,
  id: idOfKey(role.key),
  builtIn: true,
}));

const byKey = new Map(builtInRoleValues.map((role) => [role.key, role]));

export function builtInRole(key: string): RoleValue | undefined {
  return byKey.get(key);
}

/** Every `<module>:<action>`. */
export const allScopes: readonly string[] = modules.flatMap((module) => actions.map((action) => `${module}:${action}`));

/** A permission's id is its scope. */
export async function permissionsById(_db: unknown, ids: readonly string[]): Promise<(string | null)[]> {
  return ids.map((id) => (allScopes.includes(id) ? id : null));
}
