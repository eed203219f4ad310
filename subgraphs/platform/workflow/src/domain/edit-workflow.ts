/** Definitions and their drafts. A draft may be wrong; see `publish-workflow.ts` for what must be right. */
import type { Context, Transaction } from "@tessera/subgraph";
import { errors } from "../errors.js";
import {
  addDefinition,
  addVersion,
  changeVersion,
  draftsOfDefinitions,
  lastVersionNumber,
  lockDefinition,
  removeVersion,
} from "../queries/definitions.js";
import type { DefinitionRow, VersionRow } from "../tables.js";
import { checkSize } from "./read-version.js";
import { personOf } from "./who.js";

export interface NewWorkflow {
  readonly key: string;
  readonly name: string;
  readonly description?: string;
  readonly content: unknown;
  /** For workflows that others refer to before they exist. */
  readonly id?: string;
}

const keyPattern = /^[a-z][a-z0-9]*([.-][a-z0-9]+)*$/;

/** With its first draft. @throws WORKFLOW_KEY_INVALID, WORKFLOW_KEY_TAKEN, NAME_INVALID, DEFINITION_TOO_LARGE, DEFINITION_NOT_AN_OBJECT */
export async function createWorkflow(ctx: Context, workflow: NewWorkflow): Promise<DefinitionRow> {
  ctx.require("workflow:write");
  return ctx.transaction((tx) => addWorkflow(ctx, tx, workflow));
}

export async function addWorkflow(ctx: Context, tx: Transaction, workflow: NewWorkflow): Promise<DefinitionRow> {
  const { key, name, description = "", content, id } = workflow;
  if (key.length > 100 || !keyPattern.test(key)) throw errors.WORKFLOW_KEY_INVALID({ key: key.slice(0, 120) });
  if (name.trim() === "" || name.length > 200 || description.length > 5_000) throw errors.NAME_INVALID();
  checkSize(content);
  const facts = { createdBy: personOf(ctx), createdAt: ctx.now() };
  const row = await addDefinition(tx, {
    key,
    name: name.trim(),
    description,
    ...facts,
    ...(id !== undefined && { id }),
  });
  if (!row) throw errors.WORKFLOW_KEY_TAKEN({ key });
  await addVersion(tx, { definitionId: row.id, number: 1, content, ...facts });
  return row;
}

/** Replaces the draft, or begins the next version. @throws WORKFLOW_NOT_FOUND, DEFINITION_TOO_LARGE, DEFINITION_NOT_AN_OBJECT */
export async function saveWorkflowDraft(ctx: Context, definitionId: string, content: unknown): Promise<VersionRow> {
  ctx.require("workflow:write");
  checkSize(content);
  return ctx.transaction(async (tx) => {
    await locked(tx, definitionId);
    return putDraft(ctx, tx, definitionId, content);
  });
}

/** Of a definition that is locked. */
export async function putDraft(
  ctx: Context,
  tx: Transaction,
  definitionId: string,
  content: unknown,
): Promise<VersionRow> {
  const facts = { content, createdBy: personOf(ctx), createdAt: ctx.now() };
  const [draft] = await draftsOfDefinitions(tx, [definitionId]);
  if (draft) return changeVersion(tx, draft.id, facts);
  const number = (await lastVersionNumber(tx, definitionId)) + 1;
  return addVersion(tx, { definitionId, number, ...facts });
}

/** @throws WORKFLOW_NOT_FOUND, DRAFT_NOT_FOUND */
export async function discardWorkflowDraft(ctx: Context, definitionId: string): Promise<DefinitionRow> {
  ctx.require("workflow:write");
  return ctx.transaction(async (tx) => {
    const definition = await locked(tx, definitionId);
    const [draft] = await draftsOfDefinitions(tx, [definitionId]);
    if (!draft) throw errors.DRAFT_NOT_FOUND();
    await removeVersion(tx, draft.id);
    return definition;
  });
}

/** @throws WORKFLOW_NOT_FOUND */
export async function locked(tx: Transaction, id: string): Promise<DefinitionRow> {
  const definition = await lockDefinition(tx, id);
  if (!definition) throw errors.WORKFLOW_NOT_FOUND({ id });
  return definition;
}
