import { newId } from "@tessera/database";
import { platformEvents } from "@tessera/shared-types";
import type { Context } from "@tessera/subgraph";
import { errors } from "../errors.js";
import { disableServiceAccountRow, insertServiceAccount, revokeApiKeysOf } from "../queries/keys.js";
import type { ServiceAccountRow } from "../tables.js";
import { grantableRoles } from "./grants.js";
import { requireActor } from "./require-person.js";
import { nameValue, textValue } from "./value-rules.js";

export interface NewServiceAccount {
  readonly name: string;
  readonly description?: string | null | undefined;
  readonly roles: readonly string[];
}

/** @throws ROLE_UNKNOWN, EXCEEDS_OWN_SCOPES */
export async function createServiceAccount(ctx: Context, input: NewServiceAccount): Promise<ServiceAccountRow> {
  ctx.require("identity:admin");
  const actor = requireActor(ctx);
  const details = {
    name: nameValue("name", input.name),
    description: textValue("description", input.description ?? ""),
  };
  return ctx.transaction(async (tx) => {
    const roleKeys = (await grantableRoles(tx, actor, input.roles)).map((role) => role.key);
    const payload = { organizationId: ctx.tenantId, changed: ["serviceAccounts"] };
    tx.publish(platformEvents.organizationUpdated, { aggregateId: ctx.tenantId, payload });
    return insertServiceAccount(tx, { id: newId(), ...details, roleKeys, createdAt: ctx.now() });
  });
}

/** For good: its keys are revoked. @throws NOT_FOUND */
export async function disableServiceAccount(ctx: Context, id: string): Promise<ServiceAccountRow> {
  ctx.require("identity:admin");
  return ctx.transaction(async (tx) => {
    const account = await disableServiceAccountRow(tx, id, ctx.now());
    if (!account) throw errors.NOT_FOUND({ what: "service account", id });
    await revokeApiKeysOf(tx, { serviceAccountId: id }, ctx.now());
    const payload = { organizationId: ctx.tenantId, changed: ["serviceAccounts"] };
    tx.publish(platformEvents.organizationUpdated, { aggregateId: ctx.tenantId, payload });
    return account;
  });
}
