/** The schema registry: what payloads look like, and that a new version goes with the old ones. */
import { type CompatibilityMode, checkHistory, checkSchema, type JsonSchema } from "@tessera/contracts";
import type { Context, Transaction } from "@tessera/subgraph";
import { errors } from "../errors.js";
import {
  addType,
  addVersion,
  changeCompatibility,
  countOwnTypes,
  type EventTypeRow,
  type EventTypeVersionRow,
  lockType,
  typesByName,
  versionsOfTypes,
} from "../queries/event-types.js";
import { checkText, uuidOf } from "./text-checks.js";

export interface EventTypeInput {
  readonly name: string;
  readonly description?: string;
  /** Default BACKWARD. */
  readonly compatibility?: CompatibilityMode;
  readonly schema: unknown;
}

export interface SchemaProblem {
  /** The earlier version it does not go with; null where the schema itself cannot be used. */
  readonly version: number | null;
  /** JSON pointer. */
  readonly pointer: string;
  readonly reason: string;
}

export interface SchemaCheck {
  readonly compatible: boolean;
  readonly nextVersion: number;
  readonly problems: readonly SchemaProblem[];
}

const mostTypes = 500;
const mostVersions = 200;
const ownName = /^external(\.[a-z][a-z0-9_-]*)+$/;
const longestName = 200;

/**
 * @throws EVENT_TYPE_NAME_INVALID, EVENT_TYPE_EXISTS, EVENT_TYPES_TOO_MANY, SCHEMA_INVALID with each problem in its details
 */
export async function registerEventType(ctx: Context, input: EventTypeInput): Promise<EventTypeRow> {
  const { name, compatibility = "BACKWARD" } = input;
  if (!ownName.test(name) || name.length > longestName) throw errors.EVENT_TYPE_NAME_INVALID({ name });
  const description = input.description ? checkText("description", input.description, 2_000) : "";
  refuseUnusable(input.schema);
  return ctx.transaction(async (tx) => {
    if ((await countOwnTypes(tx)) >= mostTypes) throw errors.EVENT_TYPES_TOO_MANY({ most: mostTypes, mostVersions });
    const type = await addType(tx, { name, description, compatibility });
    if (!type) throw errors.EVENT_TYPE_EXISTS({ name });
    await addVersion(tx, { ...versionOf(ctx, input.schema), eventTypeId: type.id, version: 1 });
    return type;
  });
}

/**
 * Adds a version that keeps what the type's compatibility asks for.
 *
 * @throws EVENT_TYPE_UNKNOWN, EVENT_TYPE_NOT_OWN, EVENT_TYPES_TOO_MANY, SCHEMA_INVALID, SCHEMA_INCOMPATIBLE with each
 * problem in their details
 */
export async function registerEventTypeVersion(ctx: Context, name: string, schema: unknown): Promise<EventTypeRow> {
  refuseUnusable(schema);
  return ctx.transaction(async (tx) => {
    const { type, versions } = await lockOwnType(tx, name);
    if (versions.length >= mostVersions) throw errors.EVENT_TYPES_TOO_MANY({ most: mostTypes, mostVersions });
    refuseIncompatible(versions, schema, type.compatibility);
    const version = (versions.at(-1)?.version ?? 0) + 1;
    await addVersion(tx, { ...versionOf(ctx, schema), eventTypeId: type.id, version });
    return type;
  });
}

/** @throws EVENT_TYPE_UNKNOWN, EVENT_TYPE_NOT_OWN, SCHEMA_INCOMPATIBLE when the versions there are do not meet it */
export async function changeEventTypeCompatibility(
  ctx: Context,
  name: string,
  compatibility: CompatibilityMode,
): Promise<EventTypeRow> {
  return ctx.transaction(async (tx) => {
    const { type, versions } = await lockOwnType(tx, name);
    for (const [index, { schema }] of versions.entries())
      refuseIncompatible(versions.slice(0, index), schema, compatibility);
    await changeCompatibility(tx, type.id, compatibility);
    return { ...type, compatibility };
  });
}

/** What registering would say, without doing it. */
export async function checkEventSchema(ctx: Context, name: string, schema: unknown): Promise<SchemaCheck> {
  const [type] = await typesByName(ctx.db, [name]);
  const versions = type ? ((await versionsOfTypes(ctx.db, [type.id]))[0] ?? []) : [];
  const nextVersion = (versions.at(-1)?.version ?? 0) + 1;
  const unusable = unusableParts(schema);
  const problems = unusable.length > 0 ? unusable : incompatibilities(versions, schema, type?.compatibility ?? "NONE");
  return { compatible: problems.length === 0, nextVersion, problems };
}

async function lockOwnType(
  tx: Transaction,
  name: string,
): Promise<{ type: EventTypeRow; versions: EventTypeVersionRow[] }> {
  const [found] = await typesByName(tx, [name]);
  if (!found) throw errors.EVENT_TYPE_UNKNOWN({ name });
  if (found.tenantId === null) throw errors.EVENT_TYPE_NOT_OWN({ name });
  const type = (await lockType(tx, name)) ?? found;
  const [versions = []] = await versionsOfTypes(tx, [type.id]);
  return { type, versions };
}

function versionOf(ctx: Context, schema: unknown) {
  return { schema: schema as EventTypeVersionRow["schema"], registeredBy: uuidOf(ctx.actor?.id) };
}

function unusableParts(schema: unknown): SchemaProblem[] {
  if (typeof schema !== "object" || schema === null || Array.isArray(schema))
    return [{ version: null, pointer: "", reason: "a schema of a payload is an object" }];
  return checkSchema(schema).map(({ pointer, message }) => ({ version: null, pointer, reason: message }));
}

function incompatibilities(
  versions: readonly Pick<EventTypeVersionRow, "version" | "schema">[],
  schema: unknown,
  mode: CompatibilityMode,
): SchemaProblem[] {
  const history = [...versions, { version: 0, schema: schema as EventTypeVersionRow["schema"] }];
  const verdicts = checkHistory(
    history.map(({ version, schema: of }) => ({ version, schema: of as JsonSchema })),
    mode,
  );
  return verdicts.map(({ against, pointer, message, direction }) => ({
    version: against.version,
    pointer,
    reason: `${message} (${direction})`,
  }));
}

function refuseUnusable(schema: unknown): void {
  const problems = unusableParts(schema);
  if (problems.length > 0) throw errors.SCHEMA_INVALID({ problems: sentences(problems), reasons: problems });
}

function refuseIncompatible(
  versions: readonly Pick<EventTypeVersionRow, "version" | "schema">[],
  schema: unknown,
  compatibility: CompatibilityMode,
): void {
  const problems = incompatibilities(versions, schema, compatibility);
  if (problems.length > 0)
    throw errors.SCHEMA_INCOMPATIBLE({ compatibility, problems: sentences(problems), reasons: problems });
}

const mostTold = 10;

function sentences(problems: readonly SchemaProblem[]): string {
  const told = problems.slice(0, mostTold).map(({ version, pointer, reason }) => {
    const against = version === null ? "" : `version ${version}: `;
    return `${against}${pointer || "/"} ${reason}`;
  });
  const more = problems.length - told.length;
  return `${told.join("; ")}${more > 0 ? `; and ${more} more` : ""}.`;
}
