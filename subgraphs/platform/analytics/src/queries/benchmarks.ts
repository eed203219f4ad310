import { inKeyOrder, newId, type TenantDb } from "@tessera/database";
import { and, desc, eq, inArray, isNotNull, isNull } from "drizzle-orm";
import { agreements, benchmarks, contributions } from "../tables.js";

export type BenchmarkRow = typeof benchmarks.$inferSelect;
export type BenchmarkGroup = Pick<BenchmarkRow, "metricKey" | "industry" | "sizeBand" | "year" | "perEmployee">;
export type AgreementRow = typeof agreements.$inferSelect;
export type ContributionRow = typeof contributions.$inferSelect;

const isGroup = (group: BenchmarkGroup) =>
  and(
    eq(benchmarks.metricKey, group.metricKey),
    eq(benchmarks.industry, group.industry),
    eq(benchmarks.sizeBand, group.sizeBand),
    eq(benchmarks.year, group.year),
    eq(benchmarks.perEmployee, group.perEmployee),
  );

/** Published groups only: one that is not is as if it were not there. */
export async function publishedBenchmarks(db: TenantDb, ids: readonly string[]): Promise<(BenchmarkRow | null)[]> {
  const wanted = and(inArray(benchmarks.id, [...ids]), isNotNull(benchmarks.n));
  return inKeyOrder(ids, await db.select().from(benchmarks).where(wanted), (row) => row.id);
}

export async function publishedBenchmark(db: TenantDb, group: BenchmarkGroup): Promise<BenchmarkRow | null> {
  const [found] = await db
    .select()
    .from(benchmarks)
    .where(and(isGroup(group), isNotNull(benchmarks.n)));
  return found ?? null;
}

/** The group's row, made when it is missing, locked until the transaction ends. */
export async function lockGroup(db: TenantDb, group: BenchmarkGroup): Promise<BenchmarkRow> {
  await db
    .insert(benchmarks)
    .values({ id: newId(), ...group })
    .onConflictDoNothing();
  const [row] = await db.select().from(benchmarks).where(isGroup(group)).for("update");
  return row as BenchmarkRow;
}

export async function lockBenchmark(db: TenantDb, id: string): Promise<BenchmarkRow | null> {
  const [row] = await db.select().from(benchmarks).where(eq(benchmarks.id, id)).for("update");
  return row ?? null;
}

export async function putContribution(db: TenantDb, row: ContributionRow): Promise<void> {
  await db
    .insert(contributions)
    .values(row)
    .onConflictDoUpdate({
      target: [contributions.benchmarkId, contributions.contributor],
      set: { value: row.value, changedAt: row.changedAt },
    });
}

export function contributionsTo(db: TenantDb, benchmarkId: string): Promise<ContributionRow[]> {
  return db.select().from(contributions).where(eq(contributions.benchmarkId, benchmarkId));
}

export type EditionColumns = Pick<BenchmarkRow, "n" | "lowerQuartile" | "median" | "upperQuartile" | "publishedAt">;

/** Publishes an edition; what was withdrawn before it is forgotten for good. */
export async function publishEdition(db: TenantDb, id: string, edition: EditionColumns): Promise<void> {
  await db.update(benchmarks).set(edition).where(eq(benchmarks.id, id));
  await db.delete(contributions).where(and(eq(contributions.benchmarkId, id), isNull(contributions.value)));
}

/** Takes the edition back, but not its time: the next one still has to differ from it by enough contributions. */
export async function takeBackEdition(db: TenantDb, id: string): Promise<void> {
  const nothing = { n: null, lowerQuartile: null, median: null, upperQuartile: null };
  await db.update(benchmarks).set(nothing).where(eq(benchmarks.id, id));
}

export function listAgreements(db: TenantDb): Promise<AgreementRow[]> {
  return db.select().from(agreements).orderBy(desc(agreements.agreedAt)).limit(500);
}

export async function putAgreement(
  db: TenantDb,
  row: Pick<AgreementRow, "benchmarkId" | "value" | "agreedBy" | "agreedAt">,
): Promise<AgreementRow> {
  const [stored] = await db
    .insert(agreements)
    .values({ id: newId(), ...row })
    .onConflictDoUpdate({
      target: [agreements.tenantId, agreements.benchmarkId],
      set: { value: row.value, agreedBy: row.agreedBy, agreedAt: row.agreedAt },
    })
    .returning();
  return stored as AgreementRow;
}

export async function removeAgreement(db: TenantDb, id: string): Promise<AgreementRow | null> {
  const [removed] = await db.delete(agreements).where(eq(agreements.id, id)).returning();
  return removed ?? null;
}
