/** What a version says of itself: whether it is right, and how it looks in BPMN. */
import type { TenantDb } from "@tessera/database";
import type { Context } from "@tessera/subgraph";
import { writeBpmn } from "../bpmn/write-bpmn.js";
import { namedPeople } from "../definitions/check-people.js";
import { limits, readDefinition } from "../definitions/definition.js";
import type { Finding } from "../definitions/findings.js";
import { jsonLength } from "../definitions/form-schema.js";
import { type Checked, calledBy, checkDefinition, readShape } from "../definitions/validate.js";
import { errors } from "../errors.js";
import { definitionsById, definitionsByKey, publishedOfDefinitions } from "../queries/definitions.js";
import type { DefinitionRow, VersionRow } from "../tables.js";
import { membersAmong } from "./members.js";
import { refusedOperations } from "./refused-operations.js";
import { isPersonId } from "./who.js";

/** Checks a definition that nobody has stored. @throws DEFINITION_TOO_LARGE */
export async function validateContent(ctx: Context, content: unknown): Promise<readonly Finding[]> {
  checkSize(content);
  return (await checkFor(ctx, content, null)).findings;
}

/** What the person who asks would be told when publishing it. Others are asked about it: call it outside of a transaction. */
export async function findingsOf(ctx: Context, version: VersionRow): Promise<readonly Finding[]> {
  const definition = await ctx.load(definitionsById, version.definitionId);
  return (await checkFor(ctx, version.content, definition?.key ?? null)).findings;
}

export async function checkFor(ctx: Context, content: unknown, key: string | null): Promise<Checked> {
  const shape = readShape(content);
  if (!shape.definition) return shape;
  const { definition } = shape;
  const named = namedPeople(definition).map(({ id }) => id);
  const [workflows, people, refusals] = await Promise.all([
    callsBelow(ctx.db, calledBy(definition)),
    membersAmong(ctx, named.filter(isPersonId)),
    refusedOperations(ctx, definition),
  ]);
  return checkDefinition(content, { scopes: ctx.actor?.scopes ?? new Set(), key, workflows, people, refusals });
}

const mostRounds = 10;

/** The published workflows with these keys, those they call, and so on. */
async function callsBelow(db: TenantDb, keys: readonly string[]): Promise<Map<string, readonly string[]>> {
  const found = new Map<string, readonly string[]>();
  const asked = new Set<string>();
  let next = [...keys];
  for (let round = 0; next.length > 0 && round < mostRounds; round += 1) {
    for (const key of next) asked.add(key);
    for (const [key, called] of await publishedCalls(db, next)) found.set(key, called);
    next = [...new Set([...found.values()].flat())].filter((key) => !asked.has(key));
  }
  return found;
}

async function publishedCalls(db: TenantDb, keys: readonly string[]): Promise<[string, readonly string[]][]> {
  const rows = (await definitionsByKey(db, keys)).filter((row): row is DefinitionRow => row !== null);
  const versions = await publishedOfDefinitions(
    db,
    rows.map(({ id }) => id),
  );
  return rows.flatMap(({ key }, index) => {
    if (!versions[index]) return [];
    const called = calledBy(readDefinition(versions[index]?.content));
    return [[key, called] as [string, readonly string[]]];
  });
}

/** @throws DEFINITION_TOO_LARGE, DEFINITION_NOT_AN_OBJECT */
export function checkSize(content: unknown): object {
  if (typeof content !== "object" || content === null || Array.isArray(content))
    throw errors.DEFINITION_NOT_AN_OBJECT();
  const bytes = jsonLength(content);
  if (bytes > limits.bytes) throw errors.DEFINITION_TOO_LARGE({ bytes, most: limits.bytes });
  return content;
}

/** BPMN of a version; null for a draft that does not have the form of a definition. */
export async function storedBpmn(ctx: Context, version: VersionRow): Promise<string | null> {
  const definition = await ctx.load(definitionsById, version.definitionId);
  const { definition: content } = readShape(version.content);
  return content && definition ? writeBpmn(content, definition) : null;
}
