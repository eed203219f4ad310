/** Factors of one calculation, held in memory: all rows its activities need, and the rows those point to. */
import { errors } from "../errors.js";
import type { Factor } from "../reference/pack.js";
import type { FactorSource } from "./calculate-entry.js";
import { chooseFactor, type FactorChoice } from "./find-factors.js";

/** @param factors of current sets and the tenant's own that are not retired, plus those entries name by id. */
export function factorSource(factors: readonly Factor[], pinned: readonly Factor[] = []): FactorSource {
  const byActivity = indexBy(factors, ({ activity }) => activity);
  const byKey = indexBy([...factors, ...pinned], ({ key }) => key);
  const byId = new Map([...factors, ...pinned].map((factor) => [factor.id, factor]));
  const chosen = new Map<string, FactorChoice>();
  return {
    // A year of bills asks the same question over and over.
    choose: (request) => {
      const question = JSON.stringify(request);
      const choice = chosen.get(question) ?? chooseFactor(request, byActivity.get(request.activity) ?? factors);
      chosen.set(question, choice);
      return choice;
    },
    byId: (id) => {
      const factor = byId.get(id);
      if (!factor) throw errors.FACTOR_MISSING({ id });
      return factor;
    },
    // The same version of the set if there are several, so that linked rows belong together.
    linked: (key, from) => {
      const rows = byKey.get(key) ?? [];
      return rows.find(({ factorSetId }) => factorSetId === from.factorSetId) ?? rows[0] ?? null;
    },
  };
}

/** Keys of the rows a factor points to. */
export const linkedKeys = (factor: Factor): string[] =>
  [factor.wttKey, factor.tdKey, factor.wttTdKey, factor.biogenicKey, factor.electricityKey].filter(
    (key) => key !== null,
  );

function indexBy<Row>(rows: readonly Row[], keyOf: (row: Row) => string): Map<string, Row[]> {
  const index = new Map<string, Row[]>();
  for (const row of rows) {
    const found = index.get(keyOf(row));
    if (found) found.push(row);
    else index.set(keyOf(row), [row]);
  }
  return index;
}
