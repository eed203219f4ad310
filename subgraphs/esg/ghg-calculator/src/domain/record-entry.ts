/** Recording activity data: checked by calculating it, so that what is stored can always be worked off. */
import { newId } from "@tessera/database";
import { CodedError, type Context, type Transaction } from "@tessera/subgraph";
import { eq } from "drizzle-orm";
import { errors } from "../errors.js";
import { type CalculationRow, instrumentsById, sitesById } from "../queries/calculations.js";
import { type EntryRow, entriesById } from "../queries/entries.js";
import type { EmissionScope, HeatingValue } from "../reference/pack.js";
import { type DataQuality, emissionEntry } from "../tables.js";
import { calculateEntry } from "./calculate-entry.js";
import {
  checkCategory,
  checkOptionalText,
  checkPercent,
  checkPeriod,
  checkQuantity,
  checkRegion,
} from "./check-input.js";
import type { Pedigree } from "./combine-uncertainty.js";
import { type EntryDetails, namedDetails } from "./derive-activity.js";
import { nameActivity } from "./name-activity.js";
import { authorOf, markOutdated, openDraft } from "./open-draft.js";
import { basisOf, type CalculableEntry, entryToCalculate, factorsFor } from "./prepare-inventory.js";
import { parseUnit } from "./units.js";

export interface EntryInput {
  activity: string;
  quantity: string;
  unit: string;
  start: string;
  end: string;
  siteId?: string | null;
  region?: string | null;
  heatingValue?: HeatingValue | null;
  factorId?: string | null;
  scope?: EmissionScope | null;
  scope3Category?: number | null;
  details?: EntryDetails | null;
  instrumentId?: string | null;
  supplier?: string | null;
  supplierId?: string | null;
  notes?: string | null;
  intraGroup?: boolean | null;
  dataQuality?: DataQuality | null;
  uncertaintyPercent?: string | null;
  factorUncertaintyPercent?: string | null;
  pedigree?: Pedigree | null;
}

/** @throws CALCULATION_CLOSED and whatever keeps the entry from being calculated */
export const recordEmissionEntry = (ctx: Context, calculationId: string, input: EntryInput): Promise<EntryRow> =>
  ctx.transaction(async (tx) => {
    const calculation = await openDraft(tx, calculationId);
    const facts = await checkEntry(tx, calculation, input);
    const origin = { source: "MANUAL", pendingReview: false, createdBy: authorOf(ctx), createdAt: ctx.now() } as const;
    const [row] = await tx
      .insert(emissionEntry)
      .values({ id: newId(), calculationId, ...facts, ...origin })
      .returning();
    await markOutdated(tx, calculationId);
    return row as EntryRow;
  });

/** Replaces what the entry says; what it came from stays. Confirms an entry that was pending review. */
export const updateEmissionEntry = (ctx: Context, id: string, input: EntryInput): Promise<EntryRow> =>
  ctx.transaction(async (tx) => {
    const { calculation } = await openEntry(tx, id);
    const changes = { ...(await checkEntry(tx, calculation, input)), pendingReview: false };
    const [row] = await tx.update(emissionEntry).set(changes).where(eq(emissionEntry.id, id)).returning();
    await markOutdated(tx, calculation.id);
    return row as EntryRow;
  });

/** Results that counted the entry keep their line. */
export const removeEmissionEntry = (ctx: Context, id: string): Promise<CalculationRow> =>
  ctx.transaction(async (tx) => {
    const { calculation } = await openEntry(tx, id);
    await tx.delete(emissionEntry).where(eq(emissionEntry.id, id));
    await markOutdated(tx, calculation.id);
    return { ...calculation, resultOutdated: true };
  });

/** Takes an entry pending review as it is. */
export const acceptEmissionEntry = (ctx: Context, id: string): Promise<EntryRow> =>
  ctx.transaction(async (tx) => {
    const { entry, calculation } = await openEntry(tx, id);
    checkQuantity(entry.quantity);
    await tryOut(tx, calculation, entry);
    const [row] = await tx
      .update(emissionEntry)
      .set({ pendingReview: false })
      .where(eq(emissionEntry.id, id))
      .returning();
    await markOutdated(tx, calculation.id);
    return row as EntryRow;
  });

async function openEntry(tx: Transaction, id: string): Promise<{ entry: EntryRow; calculation: CalculationRow }> {
  const [entry] = await entriesById(tx, [id]);
  if (!entry) throw errors.ENTRY_NOT_FOUND({ id });
  return { entry, calculation: await openDraft(tx, entry.calculationId) };
}

/** The columns of a valid entry. */
export async function checkEntry(tx: Transaction, calculation: CalculationRow, input: EntryInput) {
  const { start, end } = checkPeriod(input);
  const details = checkDetails(input.details ?? {});
  const facts = {
    siteId: await checkSite(tx, input.siteId ?? null),
    activity: nameActivity(checkOptionalText("activity", input.activity, 200) ?? ""),
    quantity: checkQuantity(input.quantity),
    ...unitOf(input.unit, details),
    ...(input.heatingValue ? { heatingValue: input.heatingValue } : {}),
    periodStart: start,
    periodEnd: end,
    region: input.region ? checkRegion(input.region) : null,
    factorId: input.factorId ?? null,
    scope: input.scope ?? null,
    scope3Category: checkCategory(input.scope3Category),
    details,
    instrumentId: await checkInstrument(tx, calculation, input.instrumentId ?? null),
    supplier: checkOptionalText("supplier", input.supplier, 200),
    supplierId: input.supplierId ?? null,
    notes: checkOptionalText("notes", input.notes, 2000),
    intraGroup: input.intraGroup ?? false,
    dataQuality: input.dataQuality ?? null,
    uncertaintyPercent: optionalPercent("uncertaintyPercent", input.uncertaintyPercent),
    factorUncertaintyPercent: optionalPercent("factorUncertaintyPercent", input.factorUncertaintyPercent),
    pedigree: input.pedigree ?? null,
  };
  await tryOut(tx, calculation, { id: "", ...facts });
  return facts;
}

const optionalPercent = (field: string, percent: string | null | undefined): string | null =>
  percent == null ? null : checkPercent(field, percent, 1000);

/** Calculates the entry without storing anything. @throws whatever is wrong with it */
export async function tryOut(tx: Transaction, calculation: CalculationRow, entry: CalculableEntry): Promise<void> {
  const [factors, [site]] = await Promise.all([
    factorsFor(tx, [entry]),
    entry.siteId ? sitesById(tx, [entry.siteId]) : Promise.resolve([null]),
  ]);
  const sites = new Map(site ? [[site.id, site]] : []);
  calculateEntry(entryToCalculate(entry, sites), basisOf(calculation), factors);
}

async function checkSite(tx: Transaction, id: string | null): Promise<string | null> {
  if (id === null) return null;
  const [site] = await sitesById(tx, [id]);
  if (!site) throw errors.SITE_NOT_FOUND({ site: id });
  return id;
}

async function checkInstrument(
  tx: Transaction,
  calculation: CalculationRow,
  id: string | null,
): Promise<string | null> {
  if (id === null) return null;
  const [instrument] = await instrumentsById(tx, [id]);
  if (instrument?.calculationId !== calculation.id) throw errors.INSTRUMENT_NOT_FOUND({ id });
  return id;
}

/** Capacity change is the one figure that may be below zero. */
function checkDetails(details: EntryDetails): EntryDetails {
  const named = namedDetails(details);
  const figures = named.flatMap((kind) => figuresIn({ ...details[kind], capacityChange: "0" }));
  for (const figure of figures) checkQuantity(figure);
  const quality = details.investment?.dataQuality ?? 1;
  if (quality < 1 || quality > 5) throw errors.INVALID_DETAILS({ reason: "dataQuality runs from 1 to 5." });
  return Object.fromEntries(named.map((kind) => [kind, details[kind]]));
}

const figuresIn = (value: unknown): string[] =>
  typeof value === "string" && /^-?\d+(\.\d+)?$/.test(value)
    ? [value]
    : value && typeof value === "object"
      ? Object.values(value).flatMap(figuresIn)
      : [];

const freeUnits: readonly (keyof EntryDetails)[] = ["supplier", "hybrid", "investment"];

/** Where the emissions are known without a factor, the unit only says what was counted: any words will do. */
export function unitOf(text: string, details: EntryDetails): { unit: string; heatingValue: HeatingValue | null } {
  try {
    return parseUnit(text);
  } catch (error) {
    const free = freeUnits.some((kind) => details[kind]);
    if (free && error instanceof CodedError)
      return { unit: checkOptionalText("unit", text, 40) ?? "unit", heatingValue: null };
    throw error;
  }
}
