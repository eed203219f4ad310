import { platformEvents } from "@tessera/shared-types";
import type { Context, Transaction } from "@tessera/subgraph";
import { errors } from "../errors.js";
import { updateOrganizationRow, updateSettingsRow } from "../queries/organizations.js";
import type { OrganizationRow, SettingsRow } from "../tables.js";
import { forgetOrganization } from "./caches.js";
import { type OrganizationInput, organizationValues } from "./found-organization.js";
import { codeValue, localeValue, timeZoneValue, wholeNumber } from "./value-rules.js";

type Nullable<Type> = { readonly [Key in keyof Type]?: Type[Key] | null | undefined };
export type OrganizationChange = Nullable<Pick<OrganizationInput, "name" | "industry" | "country" | "employees">>;
export type SettingsChange = Nullable<Omit<SettingsRow, "id" | "tenantId" | "updatedAt">>;

export async function updateOrganization(ctx: Context, input: OrganizationChange): Promise<OrganizationRow> {
  ctx.require("identity:admin");
  const { name, ...rest } = input;
  const change = organizationValues(name ? { name, ...rest } : rest);
  return write(ctx, Object.keys(change), (tx) =>
    updateOrganizationRow(tx, ctx.tenantId, { ...change, updatedAt: ctx.now() }),
  );
}

export async function updateOrganizationSettings(ctx: Context, input: SettingsChange): Promise<SettingsRow> {
  ctx.require("identity:admin");
  const change = settingsValues(input);
  const changed = Object.keys(change).map((field) => `settings.${field}`);
  return write(ctx, changed, (tx) => updateSettingsRow(tx, ctx.tenantId, { ...change, updatedAt: ctx.now() }));
}

function settingsValues(input: SettingsChange): Partial<SettingsRow> {
  const { locale, timeZone, currency, fiscalYearStartMonth, apiKeyMaxDays, invitationDays } = input;
  return {
    ...(locale ? { locale: localeValue(locale) } : {}),
    ...(timeZone ? { timeZone: timeZoneValue(timeZone) } : {}),
    ...(currency ? { currency: codeValue("currency", currency) } : {}),
    ...numberValue("fiscalYearStartMonth", fiscalYearStartMonth, 12),
    ...numberValue("apiKeyMaxDays", apiKeyMaxDays, 3_650),
    ...numberValue("invitationDays", invitationDays, 90),
  };
}

function numberValue(field: keyof SettingsRow, value: number | null | undefined, to: number): Partial<SettingsRow> {
  return value == null ? {} : { [field]: wholeNumber(field, value, 1, to) };
}

async function write<Row>(
  ctx: Context,
  changed: string[],
  update: (tx: Transaction) => Promise<Row | null>,
): Promise<Row> {
  const organizationId = ctx.tenantId;
  const row = await ctx.transaction(async (tx) => {
    const written = await update(tx);
    if (!written) throw errors.NOT_FOUND({ what: "organization", id: organizationId });
    const payload = { organizationId, changed };
    if (changed.length > 0) tx.publish(platformEvents.organizationUpdated, { aggregateId: organizationId, payload });
    return written;
  });
  await forgetOrganization(ctx);
  return row;
}
