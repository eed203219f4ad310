import { newId } from "@tessera/database";
import { platformEvents } from "@tessera/shared-types";
import type { Context, Transaction } from "@tessera/subgraph";
import { errors } from "../errors.js";
import { insertMembership } from "../queries/memberships.js";
import { claimInstallation, insertOrganization } from "../queries/organizations.js";
import { insertPerson } from "../queries/people.js";
import type { MembershipRow } from "../tables.js";
import type { IssuedToken } from "./issue-token.js";
import { openSession } from "./open-session.js";
import { hashPassword } from "./password-hash.js";
import { refuseWeakPassword } from "./password-rules.js";
import { requirePerson } from "./require-person.js";
import { codeValue, emailValue, nameValue, timeZoneValue, wholeNumber } from "./value-rules.js";

export interface OrganizationInput {
  readonly name: string;
  readonly industry?: string | null | undefined;
  readonly country?: string | null | undefined;
  readonly employees?: number | null | undefined;
  readonly currency?: string | null | undefined;
  readonly timeZone?: string | null | undefined;
}

export interface NewPerson {
  readonly name: string;
  readonly email: string;
  readonly password: string;
}

/** Ids that are decided beforehand, as in the demo world. */
export interface FoundingIds {
  readonly organizationId: string;
  readonly ownerId: string;
}

/** A person who logged in founds another organization and owns it. */
export function createOrganization(ctx: Context, input: OrganizationInput): Promise<MembershipRow> {
  const { id: ownerId } = requirePerson(ctx);
  const organizationId = newId();
  return inNewOrganization(ctx, { organizationId, ownerId }, async (tx) => {
    await claimInstallation(tx, organizationId);
    return found(ctx, tx, { organizationId, ownerId }, input);
  });
}

/** Once per installation, by whoever sets it up. @throws REGISTRATION_CLOSED */
export async function registerFirstOrganization(
  ctx: Context,
  input: OrganizationInput,
  owner: NewPerson,
): Promise<IssuedToken> {
  const membership = await foundWithOwner(ctx, { organizationId: newId(), ownerId: newId() }, input, owner, true);
  return openSession(ctx, membership);
}

/** An organization together with the person who owns it. The first one operates the installation. */
export async function foundWithOwner(
  ctx: Context,
  ids: FoundingIds,
  input: OrganizationInput,
  owner: NewPerson,
  firstOnly = false,
): Promise<MembershipRow> {
  const person = {
    id: ids.ownerId,
    name: nameValue("name", owner.name),
    email: emailValue(owner.email),
    at: ctx.now(),
  };
  refuseWeakPassword(owner.password, person);
  const passwordHash = await hashPassword(owner.password);
  return inNewOrganization(ctx, ids, async (tx) => {
    const first = await claimInstallation(tx, ids.organizationId);
    if (firstOnly && !first) throw errors.REGISTRATION_CLOSED();
    await insertPerson(tx, { ...person, passwordHash });
    return found(ctx, tx, ids, input);
  });
}

function inNewOrganization<Result>(ctx: Context, ids: FoundingIds, work: (tx: Transaction) => Promise<Result>) {
  return ctx.as({ kind: "user", id: ids.ownerId, tenantId: ids.organizationId }).transaction(work);
}

async function found(
  ctx: Context,
  tx: Transaction,
  { organizationId, ownerId }: FoundingIds,
  input: OrganizationInput,
): Promise<MembershipRow> {
  const { currency, timeZone, ...details } = input;
  const at = ctx.now();
  const base = { id: organizationId, createdAt: at, updatedAt: at };
  await insertOrganization(
    tx,
    { ...base, ...organizationValues(details), name: nameValue("name", input.name) },
    {
      id: organizationId,
      updatedAt: at,
      ...(currency ? { currency: codeValue("currency", currency) } : {}),
      ...(timeZone ? { timeZone: timeZoneValue(timeZone) } : {}),
    },
  );
  const roles = ["owner"];
  const membership = await insertMembership(tx, { id: newId(), userId: ownerId, roleKeys: roles, joinedAt: at });
  const joined = { organizationId, userId: ownerId, change: "joined" as const, roles };
  const updated = { organizationId, changed: ["created"] };
  tx.publish(platformEvents.organizationUpdated, { aggregateId: organizationId, payload: updated });
  tx.publish(platformEvents.memberChanged, { aggregateId: ownerId, payload: joined });
  return membership;
}

/** Checked values of what the input names; what it does not name is left out. */
export function organizationValues(input: Partial<Omit<OrganizationInput, "currency" | "timeZone">>) {
  const { name, industry, country, employees } = input;
  return {
    ...(name ? { name: nameValue("name", name) } : {}),
    ...(industry === undefined ? {} : { industry: industry && nameValue("industry", industry) }),
    ...(country === undefined ? {} : { country: country && codeValue("country", country) }),
    ...(employees === undefined
      ? {}
      : { employees: employees === null ? null : wholeNumber("employees", employees, 0, 100_000_000) }),
  };
}
