import { startTestRedis, type TestRedis } from "@tessera/database/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { react } from "../src/index.js";
import { reactionRules } from "./harness/reaction-rules.js";
import { counted, envelopeOf, openWorld, tenantA, tenantB } from "./harness/world.js";

describe("reactions over PostgreSQL", () => {
  reactionRules(() => ({}));

  test("50,000 queued events of one tenant delay an event of another by a few turns, and memory holds only a part", async () => {
    const world = await openWorld();
    await world.database.admin`
      insert into kernel.outbox (event)
      select json_build_object('id', gen_random_uuid(), 'type', ${counted.type}::text, 'version', 1,
        'tenantId', ${tenantA}::text, 'aggregateId', 'a' || n % 500, 'source', 'ledger',
        'correlationId', 'test', 'payload', json_build_object('n', n))
      from generate_series(1, 50000) n`;
    const late = JSON.stringify(envelopeOf({ tenantId: tenantB }));
    await world.database.admin`insert into kernel.outbox (event) values (${late}::text::json)`;
    world.events.startRelay();
    await world.events.idle();
    let before = 0;
    const arrived = new Promise<void>((resolve) => {
      const reaction = react(counted, async (_, __, { tenantId }) => {
        if (tenantId === tenantB) resolve();
        else before++;
      });
      world.react("archive", [reaction as never]);
    });
    await arrived;
    expect(before).toBeLessThan(2000);
    await world.close();
  }, 120_000);
});

describe("reactions over Redis", () => {
  let redis: TestRedis;
  beforeAll(async () => {
    redis = await startTestRedis();
  }, 180_000);
  afterAll(() => redis.close());
  reactionRules(() => ({ redisUrl: redis.url }));
});
