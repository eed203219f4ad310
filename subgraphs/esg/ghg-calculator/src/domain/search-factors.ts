/**
 * Factor search. What a search finds is kept for seven days by region and category, and dropped at once when the
 * organization changes a factor of its own or a reference pack is loaded.
 */
import { createHash } from "node:crypto";
import type { Connection, PageArguments } from "@tessera/database";
import { newId } from "@tessera/database";
import type { Context } from "@tessera/subgraph";
import { currentFactorSets, type FactorRow, factorsById, factorsForSearch } from "../queries/factors.js";
import { type FactorFilter, searchFactors } from "./find-factors.js";
import { pageOfList } from "./page-of-list.js";

const sevenDays = 7 * 24 * 60 * 60;
/** Names the generation of all kept searches of the tenant: a new name, and the old ones are never asked again. */
const generationKey = "emission_factors:generation";

export async function findEmissionFactors(
  ctx: Context,
  filter: FactorFilter,
  page: PageArguments,
): Promise<Connection<FactorRow>> {
  const ids = await ctx.cached(await keyOf(ctx, filter), sevenDays, async () =>
    searchFactors(await factorsForSearch(ctx.db, filter), filter).map(({ id }) => id),
  );
  return pageOfList(ids, page, (wanted) => factorsById(ctx.db, wanted));
}

async function keyOf(ctx: Context, filter: FactorFilter): Promise<string> {
  const [generation, sets] = await Promise.all([
    ctx.cached(generationKey, sevenDays, () => Promise.resolve(newId())),
    currentFactorSets(ctx.db),
  ]);
  const loaded = sets.map(({ key, checksum }) => `${key}:${checksum}`);
  const rest = createHash("sha256")
    .update(JSON.stringify([filter, loaded]))
    .digest("hex")
    .slice(0, 32);
  return `emission_factors:${filter.region ?? "*"}:${filter.scope3Category ?? filter.scope ?? "*"}:${generation}:${rest}`;
}

/** The organization's factors have changed. */
export const forgetFactorSearches = (ctx: Context): Promise<void> => ctx.forget(generationKey);
