/** Factors of an organization's own. Published ones are never changed. */
import { newId } from "@tessera/database";
import type { Context } from "@tessera/subgraph";
import { eq } from "drizzle-orm";
import { errors } from "../errors.js";
import { type FactorRow, factorsById } from "../queries/factors.js";
import type { EmissionScope, HeatingValue } from "../reference/pack.js";
import { emissionFactor } from "../tables.js";
import { checkCategory, checkPeriod, checkQuantity, checkRegion, checkText } from "./check-input.js";
import { searchTextOf } from "./find-factors.js";
import { nameActivity } from "./name-activity.js";
import { authorOf, markDraftsOutdated } from "./open-draft.js";
import { forgetFactorSearches } from "./search-factors.js";
import { parseUnit } from "./units.js";

export interface CustomFactorInput {
  activity: string;
  name: string;
  region: string;
  year: number;
  scope: EmissionScope;
  scope3Categories?: readonly number[] | null;
  unit: string;
  heatingValue?: HeatingValue | null;
  kgCo2e: string;
  gwpBasis?: "AR4" | "AR5" | "AR6" | null;
  source: string;
  validFrom: string;
  validTo?: string | null;
  supplierId?: string | null;
}

/** @throws INVALID_TEXT, INVALID_PERIOD, UNKNOWN_UNIT, NEGATIVE_QUANTITY, CATEGORY_REQUIRED */
export async function createCustomFactor(ctx: Context, input: CustomFactorInput): Promise<FactorRow> {
  const factor = factorOf(input);
  const row = await ctx.transaction(async (tx) => {
    const author = { createdBy: authorOf(ctx), source: checkText("source", input.source, 500) };
    const values = { ...factor, ...author, searchText: searchTextOf(factor) };
    const [created] = await tx.insert(emissionFactor).values(values).returning();
    await markDraftsOutdated(tx);
    return created as FactorRow;
  });
  await forgetFactorSearches(ctx);
  return row;
}

function factorOf(input: CustomFactorInput) {
  const scope3Categories = [...new Set(input.scope3Categories ?? [])].map((category) => checkCategory(category) ?? 0);
  if (input.scope === "SCOPE_3" && scope3Categories.length === 0) throw errors.CATEGORY_REQUIRED();
  const { unit, heatingValue } = parseUnit(input.unit);
  const validFrom = input.validFrom;
  if (input.validTo) checkPeriod({ start: validFrom, end: input.validTo });
  const id = newId();
  const biogenic = input.scope === "OUTSIDE_OF_SCOPES";
  const amount = checkQuantity(input.kgCo2e);
  return {
    id,
    factorSetId: null,
    setKey: "custom",
    key: `custom/${id}`,
    origin: input.supplierId ? "SUPPLIER" : "CUSTOM",
    supplierId: input.supplierId ?? null,
    year: input.year,
    validFrom,
    validTo: input.validTo ?? null,
    region: checkRegion(input.region),
    scope: input.scope,
    stage: biogenic ? "BIOGENIC" : "DIRECT",
    scope3Categories,
    path: [checkText("name", input.name), "", "", "", ""],
    activity: nameActivity(checkText("activity", input.activity)),
    unit,
    heatingValue: input.heatingValue ?? heatingValue,
    kgCo2e: biogenic ? null : amount,
    gases: biogenic ? [{ gas: "CO2_BIOGENIC", amount, as: "KG_CO2E" as const }] : [],
    gwpBasis: input.gwpBasis ?? null,
    biogenic,
  } as const satisfies Partial<typeof emissionFactor.$inferInsert>;
}

/** @throws FACTOR_MISSING, FACTOR_IS_PUBLISHED */
export async function retireCustomFactor(ctx: Context, id: string): Promise<FactorRow> {
  const row = await ctx.transaction(async (tx) => {
    const [factor] = await factorsById(tx, [id]);
    if (!factor) throw errors.FACTOR_MISSING({ id });
    if (factor.tenantId === null) throw errors.FACTOR_IS_PUBLISHED({ key: factor.key });
    const retired = { retiredAt: factor.retiredAt ?? ctx.now() };
    const [changed] = await tx.update(emissionFactor).set(retired).where(eq(emissionFactor.id, id)).returning();
    await markDraftsOutdated(tx);
    return changed as FactorRow;
  });
  await forgetFactorSearches(ctx);
  return row;
}
