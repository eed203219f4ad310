/** Who runs next, told by the order of turns and never by time. */
import { expect, test } from "vitest";
import { Pace } from "../src/consumer.js";
import { type Delivery, Turns } from "../src/turns.js";
import { envelopeOf } from "./harness/world.js";

/** Turns end when the test says so. */
class Stage {
  readonly taken: (readonly Delivery[])[] = [];
  readonly #ends: ((again: readonly Delivery[]) => void)[] = [];
  readonly turns: Turns;
  /** Quick reactions: many in one turn. */
  readonly quick = { module: "quick", reactions: [], run: async () => {}, pace: new Pace() };
  /** Slow reactions: one in a turn. */
  readonly slow = { module: "slow", reactions: [], run: async () => {}, pace: new Pace() };

  constructor(parallel: number) {
    for (let n = 0; n < 100; n++) this.quick.pace.took(1, 1);
    this.slow.pace.took(10_000, 1);
    this.turns = new Turns(parallel, (turn) => {
      this.taken.push(turn);
      return new Promise((resolve) => this.#ends.push(resolve));
    });
  }

  add(tenantId: string, aggregateId: string, changes: Partial<Delivery> = {}): Delivery {
    const event = envelopeOf({ tenantId, aggregateId });
    const consumer = this.quick;
    const delivery = { consumer, event, isRetry: false, alone: false, resolve() {}, reject() {}, ...changes };
    this.turns.add(delivery);
    return delivery;
  }

  /** Ends the turn that was taken as number `index`. */
  async end(index: number, again: readonly Delivery[] = []): Promise<void> {
    this.#ends[index]?.(again);
    await new Promise(setImmediate);
  }

  /** Tenant and number of events of each turn so far. */
  get told(): string[] {
    return this.taken.map((turn) => `${turn[0]?.event.tenantId} ${turn.length}`);
  }
}

test("behind 50,000 events of one tenant, an event of another runs in the next turn but one", async () => {
  const stage = new Stage(1);
  for (let n = 0; n < 50_000; n++) stage.add("noisy", `a${n}`);
  stage.add("quiet", "a");
  await stage.end(0);
  await stage.end(1);
  await stage.end(2);
  expect(stage.told).toEqual(["noisy 1", "noisy 100", "quiet 1", "noisy 100"]);
});

test("tenants with long queues take turns one after the other", async () => {
  const stage = new Stage(1);
  stage.add("x", "first");
  for (const tenant of ["a", "b", "c"]) for (let n = 0; n < 250; n++) stage.add(tenant, `a${n}`);
  for (let n = 0; n < 7; n++) await stage.end(n);
  expect(stage.told).toEqual(["x 1", "a 100", "b 100", "c 100", "a 100", "b 100", "c 100", "a 50"]);
});

test("turns of many of one module and tenant never run side by side; those of other tenants do", async () => {
  const stage = new Stage(8);
  for (const tenant of ["a", "b"]) for (let n = 0; n < 300; n++) stage.add(tenant, `a${n}`);
  expect(stage.told).toEqual(["a 1", "b 1"]);
  await stage.end(0);
  expect(stage.told).toEqual(["a 1", "b 1", "a 100"]);
});

test("slow reactions run side by side, each with another aggregate, in the order of each aggregate", async () => {
  const stage = new Stage(8);
  const slow = { consumer: stage.slow };
  const first = stage.add("a", "x", slow);
  const behind = stage.add("a", "x", slow);
  const other = stage.add("a", "y", slow);
  expect(stage.taken).toEqual([[first], [other]]);
  await stage.end(0);
  expect(stage.taken).toEqual([[first], [other], [behind]]);
});

test("what is to run alone shares its turn with nothing, and what was given back runs before what came later", async () => {
  const stage = new Stage(1);
  const opening = stage.add("a", "opening");
  const [first, second, third] = ["x", "y", "z"].map((aggregate) => stage.add("a", aggregate)) as [
    Delivery,
    Delivery,
    Delivery,
  ];
  await stage.end(0);
  expect(stage.taken[1]).toEqual([first, second, third]);
  second.alone = true;
  const later = stage.add("a", "x");
  await stage.end(1, [first, second, third]);
  await stage.end(2);
  await stage.end(3);
  expect(stage.taken).toEqual([[opening], [first, second, third], [first], [second], [third, later]]);
});

test("what runs alone holds up none of the others, however long it takes", async () => {
  const stage = new Stage(4);
  const hangs = stage.add("a", "x", { alone: true });
  const first = stage.add("a", "y");
  const second = stage.add("a", "z");
  const behind = stage.add("a", "x");
  await stage.end(1);
  await stage.end(2);
  expect(stage.taken).toEqual([[hangs], [first], [second]]);
  await stage.end(0);
  expect(stage.taken).toEqual([[hangs], [first], [second], [behind]]);
});

test("what is taken out does not run, and the queue goes on", async () => {
  const stage = new Stage(1);
  stage.add("a", "opening");
  const out = stage.add("a", "x");
  const stays = stage.add("a", "y");
  expect(stage.turns.remove((delivery) => delivery === out)).toEqual([out]);
  await stage.end(0);
  expect(stage.taken[1]).toEqual([stays]);
});
