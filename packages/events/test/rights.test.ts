import { sql } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type EventsError, prepareEvents } from "../src/index.js";
import { modules } from "./harness/database.js";
import { counted, deliver, envelopeOf, openWorld, originOf, tenantA, tenantB, type World } from "./harness/world.js";

describe("what a module may do with the kernel tables", () => {
  let world: World;
  beforeAll(async () => {
    world = await openWorld();
  });
  afterAll(() => world.close());

  const as = (module: string, tenantId: string | null, statement: ReturnType<typeof sql>) =>
    world.database.forModule(module).transaction({ tenantId }, async (db) => [...(await db.execute(statement))]);
  const write = (source: string, tenantId: string) =>
    sql`insert into kernel.outbox (event) values (${JSON.stringify(envelopeOf({ source, tenantId }))}::text::json)`;
  const refused = { code: "ACCESS_REFUSED" };

  test("it writes events of its own tenant, and of no other", async () => {
    await expect(as("ledger", tenantA, write("ledger", tenantA))).resolves.toEqual([]);
    await expect(as("ledger", tenantA, write("ledger", tenantB))).rejects.toMatchObject(refused);
  });

  test("it writes events in its own name, and in no other", async () => {
    await expect(as("mail-room", tenantA, write("mail-room", tenantA))).resolves.toEqual([]);
    await expect(as("mail-room", tenantA, write("ledger", tenantA))).rejects.toMatchObject(refused);
  });

  test("it writes an event without tenant only where no tenant is set", async () => {
    await expect(as("ledger", null, write("ledger", ""))).resolves.toEqual([]);
    await expect(as("ledger", tenantA, write("ledger", ""))).rejects.toMatchObject(refused);
    await expect(as("ledger", null, write("ledger", tenantA))).rejects.toMatchObject(refused);
  });

  test("it reads neither the outbox nor the stream nor cursors, and deletes nothing", async () => {
    for (const table of ["outbox", "stream", "cursor"]) {
      await expect(as("ledger", tenantA, sql.raw(`select * from kernel.${table}`) as never)).rejects.toMatchObject(
        refused,
      );
    }
    for (const table of ["outbox", "seen", "parked"]) {
      await expect(as("ledger", tenantA, sql.raw(`delete from kernel.${table}`) as never)).rejects.toMatchObject(
        refused,
      );
    }
  });

  test("it marks and sees its own marks, and nobody else's", async () => {
    const { id } = envelopeOf();
    const mark = (consumer: string) => sql`insert into kernel.seen (consumer, event_id) values (${consumer}, ${id})`;
    await as("mail-room", tenantA, mark("mail-room"));
    await expect(as("ledger", tenantA, mark("mail-room"))).rejects.toMatchObject(refused);
    const marks = sql`select consumer from kernel.seen where event_id = ${id}`;
    expect(await as("mail-room", tenantA, marks)).toEqual([{ consumer: "mail-room" }]);
    expect(await as("ledger", tenantA, marks)).toEqual([]);
  });

  test("it sees what waits in its own queue of its own tenant only, without its content", async () => {
    const event = JSON.stringify(envelopeOf());
    await world.database.admin`
      insert into kernel.parked (consumer, event, mark, attempts, next_attempt_at)
      values ('ledger', ${event}::text::json, gen_random_uuid(), 1, now())`;
    const queue = sql`select consumer from kernel.parked`;
    expect(await as("ledger", tenantA, queue)).toEqual([{ consumer: "ledger" }]);
    expect(await as("ledger", tenantB, queue)).toEqual([]);
    expect(await as("archive", tenantA, queue)).toEqual([]);
    await expect(as("ledger", tenantA, sql`select event from kernel.parked`)).rejects.toMatchObject(refused);
  });

  test("preparing again changes nothing, also from many processes at once", async () => {
    await Promise.all(Array.from({ length: 5 }, () => prepareEvents(world.database, modules)));
    await expect(as("ledger", tenantA, write("ledger", tenantA))).resolves.toEqual([]);
  });
});

describe("publishing", () => {
  let world: World;
  beforeAll(async () => {
    world = await openWorld();
    world.events.startRelay();
  });
  afterAll(() => world.close());

  test("a payload that breaks its contract is refused at once; one that keeps it is not", () => {
    const outbox = world.events.outbox(originOf(tenantA));
    const publish = (n: number) => outbox.publish(counted, { aggregateId: "a", payload: { n } });
    expect(() => publish(1.5)).toThrow(expect.objectContaining({ code: "EVENT_INVALID" }) as EventsError);
    expect(() => publish(1)).not.toThrow();
  });

  test("flushing needs no answer before the commit: statements and commit may be sent together", async () => {
    await world.database.forModule("ledger").transaction({ tenantId: tenantA }, async (db) => {
      const outbox = world.events.outbox(originOf(tenantA));
      outbox.publish(counted, { aggregateId: "a", payload: { n: 1 } });
      void outbox.flush(db);
      // Drizzle hands statements over in the next turns of the event loop; the transaction's end does not wait for them.
      await Promise.resolve();
    });
    world.counting("archive");
    await world.events.idle();
    expect(await world.effects("archive")).toEqual([1]);
  });

  test("a module that declares two reactions to one version is refused", () => {
    expect(() => world.react("mail-room", [handler(), handler()])).toThrow(
      expect.objectContaining({ code: "REACTION_DUPLICATE" }) as EventsError,
    );
  });

  test("an event without tenant is handled outside of every tenant", async () => {
    const subscription = world.counting("mail-room");
    await deliver(world, envelopeOf({ tenantId: "", aggregateId: "system" }));
    await world.events.idle();
    expect(await world.effects("mail-room", "system")).toEqual([1]);
    await subscription.close();
  });
});

const handler = () => ({ contract: counted, options: {}, handle: async () => {} });
