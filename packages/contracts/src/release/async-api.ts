/** The events as an AsyncAPI 3 document: a channel per type, a message per version, an operation per module and type. */
import type { EventContract } from "@tessera/shared-types";
import { z } from "zod";
import { type JsonSchema, jsonSchemaOf } from "../json-schema.js";
import { exampleOf } from "./example.js";
import { type EventUse, eventOverview, type ModuleEvents } from "./overview.js";

// biome-ignore lint/suspicious/noExplicitAny: contracts of any payload
type AnyContract = EventContract<any>;

export interface AsyncApiOptions {
  readonly title: string;
  /** Of the document; the installation's version. */
  readonly version: string;
  readonly modules: readonly ModuleEvents[];
  readonly contracts: readonly AnyContract[];
}

const description = `Events the modules tell each other, in order for each organization and aggregate. They travel as one
JSON object, the headers beside \`payload\`. Delivery is at least once; \`id\` tells repetitions apart. A payload may gain
optional properties within a version: ignore what you do not know.`;

/** What surrounds every payload. */
const envelope = z.object({
  id: z.uuid().describe("The same event keeps its id however often it is delivered."),
  type: z.string(),
  version: z.int().min(1),
  tenantId: z.uuid().describe("The organization. Nobody else receives the event."),
  aggregateId: z
    .string()
    .describe("What the event is about. Events of one organization and aggregate keep their order."),
  source: z.string().describe("The module that published it."),
  occurredAt: z.iso.datetime(),
  actorId: z.string().nullable().describe("Who caused it, null for the platform itself."),
  correlationId: z.string().describe("The request that started the chain this event belongs to."),
  causationId: z.string().nullable().describe("The event this one is a reaction to."),
});

/** @returns the document as JSON */
export function asyncApiOf({ title, version, modules, contracts }: AsyncApiOptions): object {
  const { events, reactToAll } = eventOverview(modules, contracts);
  const types = [...new Set(contracts.map(({ type }) => type))].sort();
  const used = events.map((event) => ({ ...event, reactors: [...new Set([...event.reactors, ...reactToAll])].sort() }));
  return {
    asyncapi: "3.0.0",
    info: { title, version, description, license: { name: "MIT" } },
    defaultContentType: "application/json",
    channels: Object.fromEntries(types.map((type) => [type, channelOf(type, contracts)])),
    operations: Object.fromEntries(modules.flatMap(({ name }) => operationsOf(name, types, used))),
    components: {
      messages: Object.fromEntries(contracts.map((contract) => [keyOf(contract), messageOf(contract)])),
      correlationIds: { request: { location: "$message.header#/correlationId" } },
    },
  };
}

const keyOf = ({ type, version }: Pick<AnyContract, "type" | "version">): string => `${type}.v${version}`;

function channelOf(type: string, contracts: readonly AnyContract[]): object {
  const versions = contracts.filter((contract) => contract.type === type);
  const messages = versions.map(({ version }) => [
    `v${version}`,
    { $ref: `#/components/messages/${keyOf({ type, version })}` },
  ]);
  return { address: type, messages: Object.fromEntries(messages) };
}

function operationsOf(module: string, types: readonly string[], events: readonly EventUse[]): [string, object][] {
  return types.flatMap((type) => {
    const versions = events.filter((event) => event.type === type);
    const sent = versions.filter(({ publishers }) => publishers.includes(module));
    const received = versions.filter(({ reactors }) => reactors.includes(module));
    return [...operation(module, "send", type, sent), ...operation(module, "receive", type, received)];
  });
}

function operation(
  module: string,
  action: "send" | "receive",
  type: string,
  events: readonly EventUse[],
): [string, object][] {
  if (events.length === 0) return [];
  const channel = `#/channels/${type}`;
  const messages = events.map(({ version }) => ({ $ref: `${channel}/messages/v${version}` }));
  return [[`${module}.${action}.${type}`, { action, channel: { $ref: channel }, messages, tags: [{ name: module }] }]];
}

function messageOf(contract: AnyContract): object {
  const { type, version } = contract;
  const payload = exampleOf(jsonSchemaOf(contract));
  const headers = {
    ...(exampleOf(jsonSchemaOf({ ...contract, payload: envelope })) as object),
    type,
    version,
    actorId: null,
    causationId: null,
  };
  return {
    name: type,
    title: `${type}, version ${version}`,
    contentType: "application/json",
    correlationId: { $ref: "#/components/correlationIds/request" },
    headers: inDraft7(envelope.extend({ type: z.literal(type), version: z.literal(version) })),
    payload: inDraft7(contract.payload),
    ...(payload === undefined ? {} : { examples: [{ name: "example", headers, payload }] }),
  };
}

/** The schemas of AsyncAPI are a superset of this draft, and not of later ones. */
function inDraft7(type: z.ZodType): JsonSchema {
  const { $schema: _, ...schema } = z.toJSONSchema(type, { io: "output", target: "draft-07", reused: "inline" });
  return JSON.parse(JSON.stringify(schema)) as JsonSchema;
}
