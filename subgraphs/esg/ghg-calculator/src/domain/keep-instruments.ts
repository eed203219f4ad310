/** Contractual instruments: the evidence behind market-based scope 2. */
import { newId } from "@tessera/database";
import type { Context } from "@tessera/subgraph";
import { eq } from "drizzle-orm";
import { errors } from "../errors.js";
import {
  type CalculationRow,
  type InstrumentRow,
  instrumentsById,
  instrumentsOfCalculations,
} from "../queries/calculations.js";
import { countServedBy } from "../queries/entries.js";
import { contractualInstrument } from "../tables.js";
import { checkQuantity, checkRegion, checkText } from "./check-input.js";
import type { InstrumentKind, QualityCriterion } from "./cover-consumption.js";
import { authorOf, markOutdated, openDraft } from "./open-draft.js";

export interface InstrumentInput {
  kind: InstrumentKind;
  reference: string;
  market: string;
  vintage: number;
  kwh?: string | null;
  kgPerKwh: string;
  criteriaMet: readonly QualityCriterion[];
}

const limited: readonly InstrumentKind[] = ["CERTIFICATE", "DIRECT_CONTRACT"];

/**
 * Instruments that miss a quality criterion are recorded and disclosed, but not counted.
 *
 * @throws CALCULATION_CLOSED, INSTRUMENT_EXISTS, INSTRUMENT_AMOUNT_REQUIRED
 */
export const recordContractualInstrument = (
  ctx: Context,
  calculationId: string,
  input: InstrumentInput,
): Promise<InstrumentRow> =>
  ctx.transaction(async (tx) => {
    await openDraft(tx, calculationId);
    const reference = checkText("reference", input.reference);
    const [known = []] = await instrumentsOfCalculations(tx, [calculationId]);
    if (known.some((instrument) => instrument.reference === reference)) throw errors.INSTRUMENT_EXISTS({ reference });
    if (limited.includes(input.kind) && !input.kwh) throw errors.INSTRUMENT_AMOUNT_REQUIRED();
    const values = {
      id: newId(),
      calculationId,
      kind: input.kind,
      reference,
      market: checkRegion(input.market),
      vintage: input.vintage,
      kwh: input.kwh ? checkQuantity(input.kwh) : null,
      kgPerKwh: checkQuantity(input.kgPerKwh),
      criteriaMet: [...new Set(input.criteriaMet)],
      createdBy: authorOf(ctx),
      createdAt: ctx.now(),
    };
    const [row] = await tx.insert(contractualInstrument).values(values).returning();
    await markOutdated(tx, calculationId);
    return row as InstrumentRow;
  });

/** @throws CALCULATION_CLOSED, INSTRUMENT_IN_USE */
export const removeContractualInstrument = (ctx: Context, id: string): Promise<CalculationRow> =>
  ctx.transaction(async (tx) => {
    const [instrument] = await instrumentsById(tx, [id]);
    if (!instrument) throw errors.INSTRUMENT_NOT_FOUND({ id });
    const calculation = await openDraft(tx, instrument.calculationId);
    if ((await countServedBy(tx, id)) > 0) throw errors.INSTRUMENT_IN_USE({ reference: instrument.reference });
    await tx.delete(contractualInstrument).where(eq(contractualInstrument.id, id));
    await markOutdated(tx, calculation.id);
    return { ...calculation, resultOutdated: true };
  });
