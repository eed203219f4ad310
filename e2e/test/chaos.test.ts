import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { BusName } from "../chaos/src/options.js";
import { kinds, planFaults } from "../chaos/src/plan.js";
import { runChaos } from "../chaos/src/run.js";

const root = fileURLToPath(new URL("../..", import.meta.url));
const size = 240;
/** Any would do; with a fixed one a failure can be had again. */
const seed = 4;

describe("a small run of chaos", () => {
  let evidence: string;
  beforeAll(async () => {
    evidence = await mkdtemp(join(tmpdir(), "tessera-chaos-evidence-"));
  });
  afterAll(() => rm(evidence, { recursive: true, force: true }));

  test.each<BusName>(["postgres", "redis"])(
    "over %s: every committed change has one effect in every consumer, in order",
    async (bus) => {
      const said: string[] = [];
      const options = { bus, seed, size, writers: 8, keep: false, evidence, log: (line: string) => said.push(line) };
      const { checks, report, recorded, changes, faults } = await runChaos(root, options);
      const broken = checks.filter(({ problems }) => problems.length > 0);
      expect(broken, `${report}\n${said.join("\n")}`).toEqual([]);
      expect(faults).toBe(planFaults(options).length);
      expect(recorded).toBeGreaterThan(size * 0.8);
      expect(changes).toBeGreaterThanOrEqual(recorded);
    },
    900_000,
  );

  test("has every kind of fault the bus can meet, in an order that the seed decides", () => {
    const kindsOf = (bus: BusName, of: number) => planFaults({ bus, seed: of, size }).map(({ kind }) => kind);
    expect([...kindsOf("redis", 1)].sort()).toEqual(Object.keys(kinds).sort());
    expect(kindsOf("redis", 1)).toEqual(kindsOf("redis", 1));
    expect(kindsOf("redis", 1)).not.toEqual(kindsOf("redis", 2));
  });
});
