/** The verdict as a person reads it. */
import type { Findings } from "./findings.js";
import type { ChaosOptions } from "./options.js";
import type { Asked, Check } from "./verdict.js";
import type { Outcome } from "./writers.js";

export interface RunFacts {
  readonly options: ChaosOptions;
  readonly began: Date;
  readonly asked: readonly Asked[];
  readonly codes: ReadonlyMap<string, number>;
  readonly found: Findings;
  readonly checks: readonly Check[];
  readonly faults: number;
  readonly settled: boolean;
  /** How often each server was started. */
  readonly starts: string;
  /** Phases and their seconds. */
  readonly laps: readonly (readonly [string, number])[];
}

const shownProblems = 5;
const count = (value: number): string => value.toLocaleString("en");

export function renderReport(run: RunFacts): string {
  const { options, checks } = run;
  const broken = checks.filter(({ problems }) => problems.length > 0).length;
  const verdict = broken === 0 ? "EVERYTHING HOLDS" : `${broken} OF ${checks.length} RULES ARE BROKEN`;
  return [
    `# Chaos over ${options.bus}: ${verdict}`,
    "",
    ...checks.flatMap(renderCheck),
    "",
    ...numbersOf(run).map(([what, value]) => `- ${what}: ${value}`),
    "",
    `Again with: npm run chaos -- --bus ${options.bus} --seed ${options.seed} --size ${options.size} --writers ${options.writers}`,
    "",
  ].join("\n");
}

function renderCheck({ rule, problems }: Check): string[] {
  if (problems.length === 0) return [`- [x] ${rule}.`];
  const more = problems.length - shownProblems;
  return [
    `- [ ] ${rule}: NOT in ${count(problems.length)} cases.`,
    ...problems.slice(0, shownProblems).map((problem) => `      ${problem}`),
    ...(more > 0 ? [`      and ${count(more)} more in problems.json`] : []),
  ];
}

function numbersOf({ began, asked, codes, found, faults, settled, starts, laps }: RunFacts): [string, string][] {
  const told = (outcome: Outcome): string => count(asked.filter((one) => one.outcome === outcome).length);
  const answers = [...codes].sort(([, a], [, b]) => b - a).map(([code, times]) => `${code} ${count(times)}`);
  return [
    ["begun", began.toISOString()],
    [
      "mutations",
      `${count(asked.length)}: ${told("recorded")} recorded, ${told("refused")} refused, ${told("unknown")} never heard of again`,
    ],
    [
      "committed",
      `${count(found.mutations.length)} mutations, ${count(found.movements.length)} changes of ${count(found.counts.length)} keys`,
    ],
    ["effects", `${count(found.movements.length * 4)} expected, of four handlers in three consumers`],
    ["faults that struck", `${count(faults)}, all in faults.ndjson with the crashes in handlers`],
    ["starts", starts],
    ["answers that were none", answers.join(", ") || "none"],
    ["seconds", laps.map(([what, seconds]) => `${what} ${seconds.toFixed(0)}`).join(", ")],
    ...(settled ? [] : [["settled", "no: it was given up when nothing moved any more"] as [string, string]]),
  ];
}
