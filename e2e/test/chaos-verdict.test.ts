import { describe, expect, test } from "vitest";
import type { Findings } from "../chaos/src/findings.js";
import { type Asked, judge } from "../chaos/src/verdict.js";
import { mutationOf, tenantOf } from "../chaos/src/writers.js";
import { type Balance, noChange, withChange } from "../chaos/subgraphs/fold.js";

const seed = 11;

/** A small run in which all went well: eight writers, twenty mutations each. */
function goodRun(): { asked: Asked[]; found: { -readonly [Name in keyof Findings]: Findings[Name] } } {
  const mutations = Array.from({ length: 160 }, (_, index) => mutationOf(seed, index % 8, Math.floor(index / 8)));
  const asked = mutations.map((mutation): Asked => ({ mutation, outcome: mutation.doomed ? "refused" : "recorded" }));
  const balances = new Map<string, Balance & { tenant: string; key: string; total: number }>();
  const movements = mutations
    .filter(({ doomed }) => !doomed)
    .flatMap(({ id, writer, movements }) =>
      movements.map(({ key, amount }) => {
        const tenant = tenantOf(writer);
        const before = balances.get(tenant + key);
        const change = { mutationId: id, version: (before?.version ?? 0) + 1, amount };
        const after = withChange(before ?? noChange, change);
        balances.set(tenant + key, { tenant, key, total: (before?.total ?? 0) + amount, ...after });
        return { tenant, key, ...change };
      }),
    );
  const entries = (kind: string) =>
    movements.map(({ tenant, key, version, mutationId }) => ({ tenant, kind, key, version, mutationId }));
  const live = [...balances.values()].map(({ total, ...balance }) => balance);
  const found = {
    mutations: mutations.filter(({ doomed }) => !doomed).map(({ id, writer }) => ({ id, tenant: tenantOf(writer) })),
    movements: [...movements].sort((a, b) => a.version - b.version),
    counts: [...balances.values()].map(({ tenant, key, version, total }) => ({ tenant, key, events: version, total })),
    entries: [...entries("moved"), ...entries("balanced")],
    live,
    rebuilt: live,
    deadLetters: [],
    waiting: { outbox: 0, parked: 0, "dead letters": 0 },
  };
  return { asked, found };
}

const broken = (asked: readonly Asked[], found: Findings): string[] =>
  judge(asked, found)
    .filter(({ problems }) => problems.length > 0)
    .map(({ rule }) => rule);

describe("the verdict of a chaos run", () => {
  test("finds nothing wrong with a run in which nothing went wrong", () => {
    const { asked, found } = goodRun();
    expect(asked.filter(({ outcome }) => outcome === "refused").length).toBeGreaterThan(0);
    expect(broken(asked, found)).toEqual([]);
  });

  test("leaves it open whether a mutation was committed whose answer nobody got", () => {
    const { asked, found } = goodRun();
    const unknown = asked.map((one): Asked => ({ ...one, outcome: "unknown" }));
    expect(broken(unknown, found)).toEqual([]);
  });

  test.each<[string, RegExp, (run: ReturnType<typeof goodRun>) => void]>([
    [
      "an acknowledged mutation that is gone",
      /writers were told/,
      ({ found }) => {
        found.mutations = found.mutations.slice(1);
      },
    ],
    [
      "a refused mutation that was committed",
      /writers were told/,
      ({ asked, found }) => {
        const refused = asked.find(({ outcome }) => outcome === "refused")?.mutation;
        found.mutations = [...found.mutations, { id: refused?.id ?? "", tenant: tenantOf(refused?.writer ?? 0) }];
      },
    ],
    [
      "a mutation of another organization",
      /writers were told/,
      ({ found }) => {
        found.mutations = found.mutations.map((one, index) => (index === 0 ? { ...one, tenant: "stranger" } : one));
      },
    ],
    [
      "half a mutation",
      /writers were told/,
      ({ found }) => {
        found.movements = found.movements.slice(0, -1);
      },
    ],
    [
      "an effect too many",
      /counter counted/,
      ({ found }) => {
        found.counts = found.counts.map((one, index) => (index === 0 ? { ...one, events: one.events + 1 } : one));
      },
    ],
    [
      "an effect too few",
      /counter counted/,
      ({ found }) => {
        found.counts = found.counts.slice(1);
      },
    ],
    [
      "an effect without a commit",
      /journal has every committed change/,
      ({ found }) => {
        found.entries = [{ ...goodEntry(found), key: "invented" }, ...found.entries];
      },
    ],
    [
      "an event handled twice",
      /journal has every committed change/,
      ({ found }) => {
        found.entries = [...found.entries, goodEntry(found)];
      },
    ],
    [
      "an event that overtook another one of its key",
      /journal has every committed change/,
      ({ found }) => {
        found.entries = [...found.entries].reverse();
      },
    ],
    [
      "an event of a reaction that is lost",
      /event that a reaction published/,
      ({ found }) => {
        found.entries = found.entries.slice(0, -1);
      },
    ],
    [
      "a read model that took two changes in the wrong order",
      /built from the committed rows/,
      ({ found }) => {
        found.live = found.live.map((one, index) => (index === 0 ? { ...one, checksum: "another" } : one));
      },
    ],
    [
      "a rebuilt read model that differs",
      /built from the stored events/,
      ({ found }) => {
        found.rebuilt = found.rebuilt.slice(1);
      },
    ],
    [
      "an event that was given up",
      /Nothing waits/,
      ({ found }) => {
        found.waiting = { ...found.waiting, "dead letters": 1 };
      },
    ],
  ])("finds %s", (_, rule, spoil) => {
    const run = goodRun();
    spoil(run);
    expect(broken(run.asked, run.found)).toContainEqual(expect.stringMatching(rule));
  });
});

const goodEntry = ({ entries: [first] }: Findings) =>
  first ?? { tenant: "", kind: "moved", key: "", version: 1, mutationId: "" };
