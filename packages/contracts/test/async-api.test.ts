import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import * as shared from "@tessera/shared-types";
import { Ajv } from "ajv";
import addFormats from "ajv-formats";
import { expect, test } from "vitest";
import { type JsonSchema, jsonSchemaOf, validate } from "../src/index.js";
import { asyncApiOf, contractsIn, exampleOf } from "../src/release/index.js";

interface Document {
  channels: Record<string, { address: string; messages: object }>;
  operations: Record<string, { action: string; channel: object; messages: object[] }>;
  components: {
    messages: Record<
      string,
      { payload: JsonSchema; headers: JsonSchema; examples: { payload: unknown; headers: unknown }[] }
    >;
  };
}

const { emissionsCalculated, documentProcessed } = shared.esgEvents;
const contracts = contractsIn(shared);
const document = asyncApiOf({
  title: "Tessera events",
  version: "1.0.0",
  contracts,
  modules: [
    { name: "ghg-calculator", publishes: [emissionsCalculated], reactions: [{ contract: documentProcessed }] },
    { name: "analytics", reactions: [{ contract: emissionsCalculated }] },
    { name: "archive", reactions: [{ contract: { type: "*", version: 0 } }] },
  ],
}) as Document;

/** AsyncAPI's own schema of its documents, which brings the schema of schemas along. */
function officialSchema(): object {
  const file = createRequire(import.meta.url).resolve("@asyncapi/specs/schemas/3.0.0.json");
  return JSON.parse(readFileSync(file, "utf8")) as object;
}

test("the document keeps to AsyncAPI's own JSON Schema", () => {
  const ajv = new Ajv({ strict: false, logger: false, meta: false, validateSchema: false });
  addFormats.default(ajv);
  const accepts = ajv.compile(officialSchema());
  accepts(document);
  expect(accepts.errors).toBeNull();
  expect(accepts({ ...document, channels: { broken: { address: 1 } } })).toBe(false);
});

test("every contract has a channel and a message with an example that keeps to its schemas", () => {
  expect(contracts.length).toBeGreaterThan(15);
  for (const { type, version } of contracts) {
    expect(document.channels[type]?.messages).toHaveProperty(`v${version}`);
    const message = document.components.messages[`${type}.v${version}`];
    const [example] = message?.examples ?? [];
    expect(example, type).toBeDefined();
    expect(validate(message?.payload ?? false, example?.payload), type).toEqual({ valid: true });
    expect(validate(message?.headers ?? false, example?.headers), type).toEqual({ valid: true });
  }
});

test("modules send what they publish and receive what they react to, everything included", () => {
  const named = Object.entries(document.operations).filter(([name]) => !name.startsWith("archive."));
  expect(named.map(([name, { action, messages }]) => [name, action, messages])).toEqual([
    ["ghg-calculator.receive.document.processed", "receive", [{ $ref: "#/channels/document.processed/messages/v1" }]],
    [
      "ghg-calculator.send.ghg.emissions.calculated",
      "send",
      [{ $ref: "#/channels/ghg.emissions.calculated/messages/v1" }],
    ],
    [
      "analytics.receive.ghg.emissions.calculated",
      "receive",
      [{ $ref: "#/channels/ghg.emissions.calculated/messages/v1" }],
    ],
  ]);
  expect(Object.keys(document.operations)).toContain("archive.receive.identity.member.changed");
});

test("an example is read from the contract, with values that fit their patterns", () => {
  expect(exampleOf(jsonSchemaOf(emissionsCalculated))).toMatchObject({
    calculationId: "calculationId",
    period: { start: "2026-01-31" },
    emissions: { total: "12.5", totalUses: "location" },
    scope3Categories: [{ category: 1 }],
  });
});
