/** Giving a figure to a benchmark, and taking it out again. Both need the organization's own decision. */
import { createHmac } from "node:crypto";
import type { Context, Transaction } from "@tessera/subgraph";
import { Decimal } from "decimal.js";
import { errors } from "../errors.js";
import {
  type AgreementRow,
  type BenchmarkGroup,
  type BenchmarkRow,
  contributionsTo,
  lockBenchmark,
  lockGroup,
  publishEdition,
  putAgreement,
  putContribution,
  removeAgreement,
  takeBackEdition,
} from "../queries/benchmarks.js";
import { rollUps } from "../queries/series.js";
import { releaseOf, sizeBandOf } from "./benchmark-release.js";
import { personOf } from "./create-dashboard.js";
import { knownMetrics } from "./measured-events.js";

export interface GroupInput {
  readonly metricKey: string;
  readonly year: number;
  readonly industry: string;
  readonly employees: number;
  /** Default: the organization's whole figure. */
  readonly perEmployee?: boolean;
}

/** @throws BENCHMARK_GROUP_INVALID */
export function groupOf({ metricKey, year, industry, employees, perEmployee = false }: GroupInput): BenchmarkGroup {
  const name = industry.trim().replace(/\s+/g, " ").toLowerCase();
  const reason = reasonAgainst({ metricKey, year, industry: name, employees });
  if (reason) throw errors.BENCHMARK_GROUP_INVALID({ reason });
  return { metricKey, industry: name, sizeBand: sizeBandOf(employees), year, perEmployee };
}

function reasonAgainst({ metricKey, year, industry, employees }: Omit<GroupInput, "perEmployee">): string | null {
  // Two organizations may mean different things, in different units, by metrics of their own.
  if (!knownMetrics[metricKey]) return `${metricKey} is no metric that means the same for every organization`;
  if (industry === "" || industry.length > 200 || industry.includes("\u0000"))
    return "an industry has 1 to 200 characters";
  if (employees < 1) return "it has at least one employee";
  return year < 1990 || year > 2200 ? "the year has four digits, such as 2024" : null;
}

/** @throws BENCHMARK_GROUP_INVALID, BENCHMARK_NO_DATA */
export async function contributeToBenchmark(ctx: Context, input: GroupInput): Promise<AgreementRow> {
  const group = groupOf(input);
  return ctx.transaction(async (tx) => {
    const value = await figureOf(tx, input);
    const benchmark = await lockGroup(tx, group);
    await giveValue(ctx, tx, benchmark, value);
    const [agreedBy, agreedAt] = [personOf(ctx), ctx.now()];
    return putAgreement(tx, { benchmarkId: benchmark.id, value, agreedBy, agreedAt });
  });
}

/** @throws AGREEMENT_NOT_FOUND */
export async function withdrawFromBenchmark(ctx: Context, agreementId: string): Promise<string> {
  await ctx.transaction(async (tx) => {
    const agreement = await removeAgreement(tx, agreementId);
    if (!agreement) throw errors.AGREEMENT_NOT_FOUND({ id: agreementId });
    const benchmark = await lockBenchmark(tx, agreement.benchmarkId);
    if (benchmark) await giveValue(ctx, tx, benchmark, null);
  });
  return agreementId;
}

/** The year's sum, divided by the headcount where the group compares per employee. */
async function figureOf(
  tx: Transaction,
  { metricKey, year, employees, perEmployee = false }: GroupInput,
): Promise<string> {
  const [from, to] = [new Date(Date.UTC(year, 0)), new Date(Date.UTC(year + 1, 0))];
  const [rows = []] = await rollUps(tx, [{ metricKey, interval: "YEAR", from, to, dimensions: {}, groupBy: null }]);
  const sum = rows[0]?.sum;
  if (sum === undefined) throw errors.BENCHMARK_NO_DATA({ key: metricKey, year });
  return perEmployee ? new Decimal(sum).dividedBy(employees).toFixed() : sum;
}

async function giveValue(
  ctx: Context,
  tx: Transaction,
  { id, publishedAt }: BenchmarkRow,
  value: string | null,
): Promise<void> {
  const changedAt = ctx.now();
  await putContribution(tx, { benchmarkId: id, contributor: contributorOf(ctx, id), value, changedAt });
  const release = releaseOf(await contributionsTo(tx, id), publishedAt);
  if (release.kind === "SUPPRESS") await takeBackEdition(tx, id);
  if (release.kind === "PUBLISH") await publishEdition(tx, id, { ...release.edition, publishedAt: changedAt });
}

/** The organization as this group knows it: the same every time, another one in every group, and no way back. */
function contributorOf(ctx: Context, benchmarkId: string): string {
  return createHmac("sha256", ctx.secrets.key("analytics/benchmarks"))
    .update(`${benchmarkId}/${ctx.tenantId}`)
    .digest("hex");
}
