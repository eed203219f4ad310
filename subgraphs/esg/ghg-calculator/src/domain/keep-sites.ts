/** Sites: the places and entities whose emissions are consolidated. */
import { newId } from "@tessera/database";
import type { Context, Transaction } from "@tessera/subgraph";
import { eq } from "drizzle-orm";
import { errors } from "../errors.js";
import { type SiteRow, siteNamed, sitesById } from "../queries/calculations.js";
import { emissionSite } from "../tables.js";
import { checkPercent, checkRegion, checkText } from "./check-input.js";
import { markDraftsOutdated } from "./open-draft.js";

export interface SiteInput {
  /** For stories that name a site by a known id. */
  id?: string;
  name: string;
  region: string;
  ownershipPercent?: string | null;
  financialControl?: boolean | null;
  operationalControl?: boolean | null;
  openedOn?: string | null;
}

/** @throws SITE_EXISTS */
export const createEmissionSite = (ctx: Context, input: SiteInput): Promise<SiteRow> =>
  ctx.transaction(async (tx) => {
    const facts = await checkSite(tx, input, null);
    const site = { id: input.id ?? newId(), ...facts, createdAt: ctx.now() };
    const [row] = await tx.insert(emissionSite).values(site).returning();
    return row as SiteRow;
  });

/** Counts from the next result on: drafts must be recalculated, past results keep their shares. */
export const updateEmissionSite = (ctx: Context, id: string, input: SiteInput): Promise<SiteRow> =>
  ctx.transaction(async (tx) => {
    const [known] = await sitesById(tx, [id]);
    if (!known) throw errors.SITE_NOT_FOUND({ site: id });
    const facts = await checkSite(tx, input, id);
    const [row] = await tx.update(emissionSite).set(facts).where(eq(emissionSite.id, id)).returning();
    await markDraftsOutdated(tx);
    return row as SiteRow;
  });

async function checkSite(tx: Transaction, input: SiteInput, id: string | null) {
  const name = checkText("name", input.name);
  const namesake = await siteNamed(tx, name);
  if (namesake && namesake.id !== id) throw errors.SITE_EXISTS({ name });
  return {
    name,
    region: checkRegion(input.region),
    ownershipPercent: checkPercent("ownershipPercent", input.ownershipPercent ?? "100"),
    financialControl: input.financialControl ?? true,
    operationalControl: input.operationalControl ?? true,
    openedOn: input.openedOn ?? null,
  };
}
