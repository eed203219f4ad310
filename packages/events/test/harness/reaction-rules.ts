/** What reactions can rely on, whichever bus carries the events: turns of many, every event, repetitions. */
import { randomUUID } from "node:crypto";
import type { EventEnvelope } from "@tessera/shared-types";
import { sql } from "drizzle-orm";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { react, reactToAll, reactTogether } from "../../src/index.js";
import {
  counted,
  deliver,
  envelopeOf,
  type Joined,
  noted,
  openWorld,
  tenantA,
  tenantB,
  until,
  type World,
  type WorldOptions,
} from "./world.js";

const numbers = (count: number): number[] => Array.from({ length: count }, (_, index) => index);
const aggregateOf = (n: number): string => `a${n % 50}`;

export function reactionRules(driver: () => WorldOptions): void {
  let world: World;
  const running: { close(): Promise<void> }[] = [];
  const counting: World["counting"] = (...args) => keep(world.counting(...args));
  const keep = <T extends { close(): Promise<void> }>(subscription: T): T => {
    running.push(subscription);
    return subscription;
  };
  const operations = (tenantId: string | null = tenantA) => world.events.operations({ tenantId, actorId: null });
  /** They wait on the bus before anybody consumes them. */
  const prepare = async (count: number): Promise<EventEnvelope[]> => {
    const events = numbers(count).map((n) => envelopeOf({ aggregateId: aggregateOf(n), payload: { n } }));
    await world.database.admin`
      insert into kernel.outbox (event) select event from json_array_elements(${JSON.stringify(events)}::text::json) event`;
    await world.database.admin`select pg_notify('tessera_outbox', '')`;
    await world.events.idle();
    return events;
  };
  const expectOrder = async (count: number, without: readonly number[] = []): Promise<void> => {
    for (const aggregate of new Set(numbers(count).map(aggregateOf))) {
      const own = numbers(count).filter((n) => aggregateOf(n) === aggregate && !without.includes(n));
      expect(await world.effects("archive", aggregate)).toEqual(own);
    }
  };
  const transactions = async (): Promise<number> => {
    const [row] = await world.database.admin`select count(distinct xmin::text)::int as count from effects`;
    return row?.count ?? 0;
  };

  beforeAll(async () => {
    world = await openWorld(driver());
    world.events.startRelay();
  });
  afterEach(async () => {
    await Promise.all(running.splice(0).map((subscription) => subscription.close()));
    // The next test starts with consumers that have nothing to catch up with.
    for (const module of ["archive", "mail-room"]) counting(module);
    await world.events.idle();
    await Promise.all(running.splice(0).map((subscription) => subscription.close()));
    await world.database.admin`truncate effects, committed, kernel.parked`;
  });
  afterAll(() => world.close());

  test("what is due at once of one module and tenant shares transactions and keeps the order of each aggregate", async () => {
    await prepare(400);
    counting("archive");
    await world.events.idle();
    await expectOrder(400);
    expect(await transactions()).toBeLessThan(100);
  });

  test("one event that always fails harms only itself, however many share its turn", async () => {
    await prepare(300);
    counting("archive", async (_, n) => {
      if (n === 70) throw new Error("never ever");
    });
    await until("it is dead", async () => (await world.events.stats()).deadLetters === 1);
    await world.events.idle();
    await expectOrder(300, [70]);
    expect(await transactions()).toBeLessThan(150);
  });

  test("an event whose reaction hangs delays the others of its turn by a moment and fails alone", async () => {
    await prepare(60);
    let release = (): void => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    counting("archive", async (_, n) => {
      if (n === 3) await held;
    });
    await until("the others are through", async () => (await world.effects("archive")).length >= 58);
    expect(await world.effects("archive", aggregateOf(3))).toEqual([]);
    release();
    await world.events.idle();
    await expectOrder(60);
  });

  test("in a turn of many each event is the cause of what its reaction publishes, and of nothing else", async () => {
    const events = await prepare(100);
    const causes: unknown[] = [];
    keep(
      world.react("mail-room", [
        react(counted, async (context: Joined, { n }) => context.publish(noted, `note ${n}`, { text: String(n) })),
      ]),
    );
    keep(
      world.react("archive", [
        react(noted, async (_: Joined, { text }, { causationId }) => {
          causes[Number(text)] = causationId;
        }),
      ]),
    );
    await world.events.idle();
    expect(causes).toEqual(events.map(({ id }) => id));
  });

  test("a reaction that takes events together gets many in order and has its effect once for each", async () => {
    const events = await prepare(300);
    const sizes: number[] = [];
    const together = reactTogether(counted, async ({ db }: Joined, taken) => {
      sizes.push(taken.length);
      const rows = JSON.stringify(taken.map(({ id, aggregateId, payload: { n } }) => ({ id, aggregateId, n })));
      await db.execute(sql`
        insert into effects (module, aggregate, n, event_id)
        select 'archive', "aggregateId", n, id
        from json_to_recordset(${rows}::text::json) as row (id uuid, "aggregateId" text, n int)`);
    });
    keep(world.react("archive", [together]));
    await world.events.idle();
    await deliver(world, events[5] as EventEnvelope);
    await world.events.idle();
    await expectOrder(300);
    expect(sizes.length).toBeLessThan(100);
  });

  test("a reaction to every event gets all types and versions unparsed, before the typed one of its module", async () => {
    const heard: unknown[] = [];
    keep(
      world.react("archive", [
        react(counted, async (_: Joined, { n }) => void heard.push(n)),
        reactToAll(async (_: Joined, { type, version, payload }) => void heard.push([type, version, payload])),
      ]),
    );
    await deliver(world, envelopeOf({ payload: { n: 1 } }));
    await deliver(world, envelopeOf({ type: "nobody.knows", version: 7, payload: { anything: true } }));
    await deliver(world, envelopeOf({ version: 3, payload: { later: true } }));
    await world.events.idle();
    const all = [
      ["test.counted", 1, { n: 1 }],
      1,
      ["nobody.knows", 7, { anything: true }],
      ["test.counted", 3, { later: true }],
    ];
    expect(heard).toEqual(all);
  });

  test("a replay runs once more in the one consumer it is for, in order, however often it is sent; live hears none of it", async () => {
    counting("archive");
    counting("mail-room");
    const events = await prepare(20);
    const controller = new AbortController();
    const live = world.events.live(counted, { tenantId: tenantA, signal: controller.signal });
    const replay = { id: randomUUID(), consumer: "archive" };
    await operations().resend(events, replay);
    await operations().resend(events, replay);
    await world.events.idle();
    expect(await world.effects("archive", "a3")).toEqual([3, 3]);
    expect((await world.effects("archive")).slice(20)).toHaveLength(20);
    expect((await world.effects("mail-room")).length).toBe(20);
    await operations().resend(events, { ...replay, id: randomUUID() });
    await world.publish("end", 99);
    await world.events.idle();
    expect((await world.effects("archive")).length).toBe(61);
    expect((await live.next()).value?.payload).toEqual({ n: 99 });
    controller.abort();
  });

  test("a replay for nobody in particular runs in every consumer; events of another tenant are refused", async () => {
    counting("archive");
    counting("mail-room");
    const events = await prepare(5);
    await operations().resend(events, { id: randomUUID(), consumer: null });
    await world.events.idle();
    for (const module of ["archive", "mail-room"]) expect((await world.effects(module)).length).toBe(10);
    const refused = operations(tenantB).resend(events, { id: randomUUID(), consumer: null });
    await expect(refused).rejects.toMatchObject({ code: "EVENT_OF_OTHER_TENANT" });
  });

  test("a replayed event that fails is a dead letter of its own beside that of its first delivery", async () => {
    counting("archive", async () => {
      throw new Error("never ever");
    });
    const [event] = await prepare(1);
    await until("it is dead", async () => (await world.events.stats()).deadLetters === 1);
    await operations().resend([event as EventEnvelope], { id: randomUUID(), consumer: "archive" });
    await until("both are dead", async () => (await world.events.stats()).deadLetters === 2);
    const letters = await operations().deadLetters.list();
    expect(letters.map(({ event: { id } }) => id)).toEqual([event?.id, event?.id]);
  });
}
