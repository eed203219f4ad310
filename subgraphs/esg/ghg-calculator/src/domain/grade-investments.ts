/** How well the emissions of a portfolio are known (PCAF Standard part A). */
import type { Context } from "@tessera/subgraph";
import { entriesOfCalculation } from "../queries/entries.js";
import { portfolioDataQuality } from "./estimate-scope3.js";
import { plain } from "./exact-decimal.js";

/** Mean score of a calculation's investments by outstanding amount, 1 to 5; null without any. */
export async function investmentDataQuality(ctx: Context, calculationId: string): Promise<string | null> {
  const entries = await entriesOfCalculation(ctx.db, calculationId);
  const investments = entries.flatMap(({ quantity, details }) =>
    details.investment ? [{ outstanding: quantity, dataQuality: details.investment.dataQuality }] : [],
  );
  const quality = portfolioDataQuality(investments);
  return quality && plain(quality);
}
