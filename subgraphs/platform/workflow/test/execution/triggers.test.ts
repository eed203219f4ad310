import { createHmac } from "node:crypto";
import { platformEvents } from "@tessera/shared-types";
import { envelopeOf, type Person, startGraph } from "@tessera/testkit";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import workflow from "../../src/index.js";
import { staff } from "../staff/staff.js";
import { refusals, shop, shopDone } from "./shop/shop.js";
import { act, definition, startWorld, type World } from "./world.js";

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.graph.close());
beforeEach(() => refusals.clear());

const shopDo = "mutation ($n: String!) { shopDo(name: $n) { name } }";
const readTriggers = `query ($id: ID!) { workflowDefinition(id: $id) {
  triggers { id name type enabled hasSecret nextFireAt lastFiredAt lastError } executions(first: 50) { totalCount } } }`;

async function triggersOf(person: Person, id: string) {
  const { workflowDefinition } = await world.graph.data(person, readTriggers, { id });
  return { triggers: workflowDefinition.triggers, executions: workflowDefinition.executions.totalCount };
}

/** Runs what is due, and what that sets off. */
const settle = () => world.graph.settle();

describe("an event", () => {
  const onEvent = (more: object = {}) => ({ id: "seen", type: "event", event: "shop.effect.done", ...more });
  const echo = act("echo", { variables: { name: "'echo ' & $input.name" } });

  test("that fits starts the workflow with the input made of it, one that does not fit starts nothing", async () => {
    const person = world.newPerson();
    const trigger = onEvent({ where: "$event.payload.name = 'ring'", input: { name: "$event.payload.name" } });
    const { id } = await world.publish(person, definition([echo], { triggers: [trigger] }));
    await world.graph.data(person, shopDo, { n: "other" });
    await world.graph.data(person, shopDo, { n: "ring" });
    await settle();
    expect(await world.done(person)).toEqual(["other", "ring", "echo ring"]);
    expect(await triggersOf(person, id)).toMatchObject({ executions: 1, triggers: [{ lastError: null }] });
    const told = world.graph
      .published(platformEvents.workflowTriggered)
      .filter(({ tenantId }) => tenantId === person.tenantId);
    expect(told.map(({ payload }) => payload.trigger)).toEqual(["EVENT"]);
  });

  test("starts at most one execution of a workflow, however often it is delivered and however many triggers it fits", async () => {
    const person = world.newPerson();
    const triggers = [onEvent(), { ...onEvent(), id: "too" }];
    const { id } = await world.publish(person, definition([act("done")], { triggers }));
    const target = { tenantId: person.tenantId };
    const event = { ...envelopeOf(shopDone, { name: "twice" }, target), depth: 13 };
    const again = { ...event, replay: { id: crypto.randomUUID(), consumer: null } };
    const { admin } = world.graph.database;
    for (const envelope of [event, event, again])
      await admin`insert into kernel.outbox (event) values (${JSON.stringify(envelope)}::text::json)`;
    await admin`select pg_notify('tessera_outbox', '')`;
    await expect.poll(async () => (await triggersOf(person, id)).executions, { timeout: 10_000 }).toBeGreaterThan(0);
    await settle();
    const byEvent = world.graph
      .published(platformEvents.workflowTriggered)
      .filter(({ tenantId, causationId }) => tenantId === person.tenantId && causationId === event.id);
    expect(byEvent).toHaveLength(1);
  });

  test("of another organization starts nothing", async () => {
    const person = world.newPerson();
    const { id } = await world.publish(person, definition([act("done")], { triggers: [onEvent()] }));
    await world.graph.data(world.newPerson(), shopDo, { n: "theirs" });
    await settle();
    expect(await triggersOf(person, id)).toMatchObject({ executions: 0 });
  });

  test("of a workflow that sets itself off comes to an end", async () => {
    const person = world.newPerson();
    const { id } = await world.publish(person, definition([act("again")], { triggers: [onEvent()] }));
    await world.graph.data(person, shopDo, { n: "begin" });
    for (let rounds = 0; rounds < 20; rounds += 1) await settle();
    const { executions, triggers } = await triggersOf(person, id);
    expect(executions).toBeGreaterThan(3);
    expect(executions).toBeLessThanOrEqual(16);
    expect((await world.done(person)).length).toBeLessThanOrEqual(17);
    const failed = `{ workflowExecutions(state: FAILED, first: 5) { nodes { problem { code } } } }`;
    const { workflowExecutions } = await world.graph.data(person, failed);
    const stopped =
      triggers[0].lastError?.includes("sets itself off") ||
      workflowExecutions.nodes[0]?.problem.code === "GRAPH_TOO_DEEP";
    expect(stopped).toBe(true);
  });

  test("whose input does not fit is noted at the trigger, and the next one is taken", async () => {
    const person = world.newPerson();
    const inputs = { type: "object", properties: { name: { type: "string", maxLength: 5 } } };
    const trigger = onEvent({
      where: "$not($contains($event.payload.name, 'echo'))",
      input: { name: "$event.payload.name" },
    });
    const { id } = await world.publish(person, definition([echo], { inputs, triggers: [trigger] }));
    await world.graph.data(person, shopDo, { n: "much too long" });
    await settle();
    const before = await triggersOf(person, id);
    expect(before.triggers[0].lastError).toContain("does not fit");
    await world.graph.data(person, shopDo, { n: "short" });
    await settle();
    expect((await triggersOf(person, id)).triggers[0].lastError).toBeNull();
    expect(await world.done(person)).toEqual(["much too long", "short", "echo short"]);
  });
});

describe("a schedule", () => {
  const daily = {
    id: "daily",
    type: "schedule",
    cron: "0 6 * * *",
    timeZone: "Europe/Berlin",
    input: { what: "$event.missed" },
  };
  const content = definition([act("tick", { variables: { name: "'missed ' & $string($input.what)" } })], {
    triggers: [daily],
  });
  // The day of a change to summer or winter time has 23 or 25 hours, and on New Year's Day the yearly schedule fires.
  beforeAll(() => {
    const now = world.graph.clock.now();
    const noonInMay = new Date(Date.UTC(now.getUTCFullYear() + 1, 4, 1, 12));
    world.graph.clock.advance({ seconds: (noonInMay.getTime() - now.getTime()) / 1000 });
  });
  const toggle =
    "mutation ($id: ID!, $on: Boolean!) { setTriggerEnabled(triggerId: $id, enabled: $on) { nextFireAt } }";

  test("fires once when it is due, once for all it has missed, and not while it is switched off", async () => {
    const person = world.newPerson();
    const { id } = await world.publish(person, content);
    const [{ id: triggerId, nextFireAt }] = (await triggersOf(person, id)).triggers;
    expect(new Date(nextFireAt).getTime()).toBeGreaterThan(world.graph.clock.now().getTime());
    world.graph.clock.advance({ days: 1 });
    await settle();
    expect(await world.done(person)).toEqual(["missed 0"]);
    world.graph.clock.advance({ days: 4 });
    await settle();
    expect(await world.done(person)).toEqual(["missed 0", "missed 3"]);
    await world.graph.data(person, toggle, { id: triggerId, on: false });
    world.graph.clock.advance({ days: 2 });
    await settle();
    expect((await triggersOf(person, id)).executions).toBe(2);
    await world.graph.data(person, toggle, { id: triggerId, on: true });
    world.graph.clock.advance({ days: 1 });
    await settle();
    expect(await world.done(person)).toEqual(["missed 0", "missed 3", "missed 0"]);
  });

  test("fires once, however many processes wait for it", { timeout: 180_000 }, async () => {
    const { database, secret, clock } = world.graph;
    const joins = { databaseUrl: database.url, secret };
    const others = await Promise.all([1, 2].map(() => startGraph([workflow, shop, staff], { joins })));
    const person = world.newPerson();
    await world.publish(person, content);
    for (const graph of others) graph.clock.advance({ seconds: (clock.now().getTime() - Date.now()) / 1000 });
    for (let day = 0; day < 3; day += 1) {
      for (const graph of [world.graph, ...others]) graph.clock.advance({ days: 1 });
      await Promise.all([world.graph, ...others].map((graph) => graph.settle()));
    }
    expect(await world.done(person)).toEqual(["missed 0", "missed 0", "missed 0"]);
    await Promise.all(others.map((graph) => graph.close()));
  });

  test("ends with its workflow, and follows a version with another time", async () => {
    const person = world.newPerson();
    const { id } = await world.publish(person, content);
    const save = "mutation ($id: ID!, $c: JSON!) { saveWorkflowDraft(definitionId: $id, content: $c) { id } }";
    const publish = "mutation ($id: ID!) { publishWorkflow(definitionId: $id) { id } }";
    await world.graph.data(person, save, { id, c: { ...content, triggers: [{ ...daily, cron: "0 0 1 1 *" }] } });
    await world.graph.data(person, publish, { id });
    world.graph.clock.advance({ days: 2 });
    await settle();
    expect((await triggersOf(person, id)).executions).toBe(0);
    await world.graph.data(person, "mutation ($id: ID!) { retireWorkflow(definitionId: $id) { id } }", { id });
    world.graph.clock.advance({ days: 400 });
    await settle();
    expect((await triggersOf(person, id)).executions).toBe(0);
  });
});

describe("a webhook", () => {
  const hook = { id: "hook", type: "webhook", input: { what: "$event.body.what" } };
  const content = definition([act("got", { variables: { name: "'got ' & $input.what" } })], { triggers: [hook] });
  const receive = `mutation ($o: ID!, $t: ID!, $ts: String!, $s: String!, $b: String!) {
    receiveWorkflowWebhook(organizationId: $o, triggerId: $t, timestamp: $ts, signature: $s, body: $b) { accepted executionId } }`;
  const rotate = "mutation ($id: ID!) { rotateTriggerSecret(triggerId: $id) { secret trigger { hasSecret } } }";

  async function newHook() {
    const person = world.newPerson();
    const { id } = await world.publish(person, content);
    const [{ id: triggerId, hasSecret }] = (await triggersOf(person, id)).triggers;
    expect(hasSecret).toBe(false);
    const { rotateTriggerSecret } = await world.graph.data(person, rotate, { id: triggerId });
    return { person, triggerId, secret: rotateTriggerSecret.secret as string };
  }

  function call(o: string, t: string, secret: string, body: string, at = world.graph.clock.now()) {
    const ts = String(Math.floor(at.getTime() / 1000));
    const s = createHmac("sha256", secret).update(`${ts}.${body}`).digest("hex");
    return world.graph.ask(null, receive, { o, t, ts, s, b: body });
  }
  const codeOf = async (answer: ReturnType<typeof call>) => (await answer).errors?.[0]?.extensions.code;

  test("that is signed starts the workflow once, however often it is sent", async () => {
    const { person, triggerId, secret } = await newHook();
    const at = world.graph.clock.now();
    const first = await call(person.tenantId, triggerId, secret, '{"what":"news"}', at);
    expect(first.data.receiveWorkflowWebhook).toMatchObject({ accepted: true });
    const again = await call(person.tenantId, triggerId, secret, '{"what":"news"}', at);
    expect(again.data.receiveWorkflowWebhook).toEqual({ ...first.data.receiveWorkflowWebhook, accepted: false });
    await settle();
    expect(await world.done(person)).toEqual(["got news"]);
  });

  test("is refused with the wrong secret, after its time, for another organization, and with the secret before", async () => {
    const { person, triggerId, secret } = await newHook();
    const body = '{"what":"x"}';
    const { now } = { now: world.graph.clock.now() };
    expect(await codeOf(call(person.tenantId, triggerId, `${secret}x`, body))).toBe("WEBHOOK_REFUSED");
    expect(await codeOf(call(person.tenantId, triggerId, secret, body, new Date(now.getTime() - 400_000)))).toBe(
      "WEBHOOK_REFUSED",
    );
    expect(await codeOf(call(person.tenantId, triggerId, secret, body, new Date(now.getTime() + 400_000)))).toBe(
      "WEBHOOK_REFUSED",
    );
    expect(await codeOf(call(world.newPerson().tenantId, triggerId, secret, body))).toBe("WEBHOOK_REFUSED");
    expect(await codeOf(call(person.tenantId, crypto.randomUUID(), secret, body))).toBe("WEBHOOK_REFUSED");
    const { rotateTriggerSecret } = await world.graph.data(person, rotate, { id: triggerId });
    expect(await codeOf(call(person.tenantId, triggerId, secret, body))).toBe("WEBHOOK_REFUSED");
    expect(await codeOf(call(person.tenantId, triggerId, rotateTriggerSecret.secret, body))).toBeUndefined();
  });

  test("larger than is read is refused, and so is one that is switched off", async () => {
    const { person, triggerId, secret } = await newHook();
    const large = JSON.stringify({ what: "x".repeat(300_000) });
    expect(await codeOf(call(person.tenantId, triggerId, secret, large))).toBe("WEBHOOK_TOO_LARGE");
    const off = "mutation ($id: ID!) { setTriggerEnabled(triggerId: $id, enabled: false) { enabled } }";
    await world.graph.data(person, off, { id: triggerId });
    expect(await codeOf(call(person.tenantId, triggerId, secret, "{}"))).toBe("WEBHOOK_OFF");
  });

  test("only who administers workflows makes a secret for it", async () => {
    const { person, triggerId } = await newHook();
    const writer = { ...person, scopes: ["workflow:read", "workflow:write", "workflow:approve"] };
    expect((await world.graph.ask(writer, rotate, { id: triggerId })).errors).toBeDefined();
    expect((await world.graph.ask(person, rotate, { id: triggerId })).errors).toBeUndefined();
  });
});
