/** Roles an organization makes for itself, from scopes their maker holds. */
import { newId } from "@tessera/database";
import { platformEvents } from "@tessera/shared-types";
import type { Context, Transaction } from "@tessera/subgraph";
import { errors } from "../errors.js";
import { countUsesOfRole, usersWithRole } from "../queries/memberships.js";
import { deleteRoleRow, insertRole, lockRole, updateRoleRow } from "../queries/roles.js";
import { builtInRole, builtInRoleValues, type RoleValue } from "./built-in-roles.js";
import { forgetMember, forgetOrganization } from "./caches.js";
import { knownScopes, refuseBeyond } from "./grants.js";
import { requireActor } from "./require-person.js";
import { nameValue, roleKeyValue, textValue } from "./value-rules.js";

export interface NewRole {
  readonly key: string;
  readonly name: string;
  readonly description?: string | null | undefined;
  readonly scopes: readonly string[];
}

export interface RoleChange {
  readonly name?: string | null | undefined;
  readonly description?: string | null | undefined;
  readonly scopes?: readonly string[] | null | undefined;
}

/** @throws ROLE_TAKEN, SCOPE_UNKNOWN, EXCEEDS_OWN_SCOPES */
export async function createRole(ctx: Context, input: NewRole): Promise<RoleValue> {
  ctx.require("identity:admin");
  const key = roleKeyValue(input.key);
  if (builtInRole(key)) throw errors.ROLE_TAKEN({ key });
  const scopes = grantable(ctx, input.scopes);
  const at = ctx.now();
  const details = {
    name: nameValue("name", input.name),
    description: textValue("description", input.description ?? ""),
    scopes,
  };
  const role = await ctx.transaction(async (tx) => {
    announce(ctx, tx);
    return insertRole(tx, { id: newId(), key, ...details, createdAt: at, updatedAt: at });
  });
  if (!role) throw errors.ROLE_TAKEN({ key });
  await forgetOrganization(ctx);
  return role;
}

/** Changes what everybody with this role may do. @throws NOT_FOUND, ROLE_BUILT_IN, SCOPE_UNKNOWN, EXCEEDS_OWN_SCOPES */
export async function updateRole(ctx: Context, id: string, input: RoleChange): Promise<RoleValue> {
  ctx.require("identity:admin");
  const change = {
    ...(input.name ? { name: nameValue("name", input.name) } : {}),
    ...(input.description == null ? {} : { description: textValue("description", input.description) }),
    ...(input.scopes ? { scopes: grantable(ctx, input.scopes) } : {}),
    updatedAt: ctx.now(),
  };
  const { role, members } = await ctx.transaction(async (tx) => {
    await lockChangeable(ctx, tx, id);
    const written = await updateRoleRow(tx, id, change);
    if (!written) throw errors.NOT_FOUND({ what: "role", id });
    const concerned = await usersWithRole(tx, written.key);
    for (const { userId, roleKeys: roles } of concerned) {
      const payload = { organizationId: ctx.tenantId, userId, change: "roles_changed" as const, roles };
      tx.publish(platformEvents.memberChanged, { aggregateId: userId, payload });
    }
    announce(ctx, tx);
    return { role: written, members: concerned };
  });
  await Promise.all([forgetOrganization(ctx), ...members.map(({ userId }) => forgetMember(ctx, userId))]);
  return role;
}

/** @throws NOT_FOUND, ROLE_BUILT_IN, ROLE_IN_USE, EXCEEDS_OWN_SCOPES */
export async function deleteRole(ctx: Context, id: string): Promise<boolean> {
  ctx.require("identity:admin");
  await ctx.transaction(async (tx) => {
    const role = await lockChangeable(ctx, tx, id);
    const count = await countUsesOfRole(tx, role.key);
    if (count > 0) throw errors.ROLE_IN_USE({ count });
    await deleteRoleRow(tx, id);
    announce(ctx, tx);
  });
  await forgetOrganization(ctx);
  return true;
}

async function lockChangeable(ctx: Context, tx: Transaction, id: string): Promise<RoleValue> {
  if (builtInRoleValues.some((role) => role.id === id)) throw errors.ROLE_BUILT_IN();
  const role = await lockRole(tx, id);
  if (!role) throw errors.NOT_FOUND({ what: "role", id });
  refuseBeyond(requireActor(ctx), role.scopes);
  return role;
}

function grantable(ctx: Context, scopes: readonly string[]): string[] {
  const known = knownScopes(scopes);
  refuseBeyond(requireActor(ctx), known);
  return known;
}

function announce(ctx: Context, tx: Transaction): void {
  const payload = { organizationId: ctx.tenantId, changed: ["roles"] };
  tx.publish(platformEvents.organizationUpdated, { aggregateId: ctx.tenantId, payload });
}
