/** Suppliers announce their deliveries; who answers for quality reads them, and a year that was kept elsewhere moves in. */
import { randomUUID } from "node:crypto";
import { organizations, people } from "@tessera/demo-world";
import type { Context, DemoStage } from "@tessera/subgraph";
import { importEvents } from "./domain/import-events.js";
import { createEventStream } from "./domain/keep-stream.js";
import { publishEvent } from "./domain/publish-event.js";
import { registerEventType, registerEventTypeVersion } from "./domain/register-event-type.js";
import { startReplay } from "./domain/replay-events.js";
import { setGoing } from "./processes/send-replay.js";

const delivery = "external.supplier.delivery";

export default async function tellStory(stage: DemoStage): Promise<void> {
  const { thistlemoor, pinehollow } = organizations;
  const roles = ["owner"];
  const imogen = stage.as({ id: people.imogen.id, tenantId: thistlemoor.id, roles });
  const delia = stage.as({ id: people.delia.id, tenantId: pinehollow.id, roles });
  await tell(stage, imogen, ["Holm Dairy", "Wetherby Grain"]);
  await tell(stage, delia, ["Sierra Almond Growers", "Kings River Citrus"]);
}

async function tell(stage: DemoStage, ctx: Context, suppliers: readonly string[]): Promise<void> {
  await registerDeliveries(ctx);
  await openStreams(ctx);
  for (const [index, supplier] of suppliers.entries()) await announceDeliveries(ctx, supplier, index);
  await importEvents(ctx, { ndjson: lastYear(suppliers[0] as string, ctx.now()), complete: true });
  await stage.settle();
  const reason = "A listener was set up anew and starts with what was delivered so far.";
  await startReplay(ctx, { filter: { types: [delivery] }, reason }, setGoing);
}

const firstSchema = {
  type: "object",
  properties: {
    supplier: { type: "string", minLength: 1 },
    crates: { type: "integer", minimum: 1 },
    site: { type: "string" },
  },
  required: ["supplier", "crates", "site"],
  additionalProperties: false,
};

/** The second version says how warm the lorry was; who does not measure leaves it out. */
async function registerDeliveries(ctx: Context): Promise<void> {
  const description = "A supplier's lorry was unloaded.";
  await registerEventType(ctx, { name: delivery, description, schema: firstSchema });
  const properties = { ...firstSchema.properties, celsius: { type: "number", minimum: -40, maximum: 40 } };
  await registerEventTypeVersion(ctx, delivery, { ...firstSchema, properties });
}

async function openStreams(ctx: Context): Promise<void> {
  await createEventStream(ctx, {
    name: "Deliveries",
    description: "What suppliers brought, for everybody who plans or reports.",
    types: ["external.supplier.*"],
    retentionDays: 1_095,
    readerRoles: ["sustainability-manager", "analyst"],
  });
  await createEventStream(ctx, {
    name: "Emissions and reports",
    description: "Results of the calculator and what was made of them.",
    types: ["ghg.*", "analytics.*"],
    readerRoles: ["sustainability-manager"],
    readerScopes: ["ghg-calculator:approve"],
  });
}

async function announceDeliveries(ctx: Context, supplier: string, index: number): Promise<void> {
  for (const crates of [48, 36, 60]) {
    const payload = { supplier, crates: crates + index, site: "Cold store", celsius: 3.5 + index / 2 };
    const aggregateId = supplier.toLowerCase().replaceAll(" ", "-");
    const idempotencyKey = `delivery note ${100 * index + crates}`;
    await publishEvent(ctx, { type: delivery, aggregateId, payload, idempotencyKey });
  }
}

/** Three deliveries as another system exported them, and a line that was cut off. */
function lastYear(supplier: string, now: Date): string {
  const lines = [1, 2, 3].map((month) =>
    JSON.stringify({
      id: randomUUID(),
      type: delivery,
      version: 1,
      aggregateId: supplier.toLowerCase().replaceAll(" ", "-"),
      source: "events",
      occurredAt: new Date(Date.UTC(now.getUTCFullYear() - 1, month, 5, 6, 30)).toISOString(),
      correlationId: randomUUID(),
      payload: { supplier, crates: 40 + month, site: "Cold store" },
    }),
  );
  return [...lines, '{"id":"'].join("\n");
}
