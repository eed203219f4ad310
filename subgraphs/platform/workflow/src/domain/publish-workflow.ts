/** What executions begin with. Those that run keep the version they began with. */
import { isDeepStrictEqual } from "node:util";
import type { TenantDb } from "@tessera/database";
import type { Context, Transaction } from "@tessera/subgraph";
import type { Definition } from "../definitions/definition.js";
import { errors } from "../errors.js";
import { changeVersion, definitionsById, draftsOfDefinitions, publishedOfDefinitions } from "../queries/definitions.js";
import type { DefinitionRow, VersionRow } from "../tables.js";
import { applyTriggers } from "../triggers/apply-triggers.js";
import { locked } from "./edit-workflow.js";
import { checkFor } from "./read-version.js";
import { personOf } from "./who.js";

/**
 * The draft, if nothing is wrong with it for the person who publishes it.
 *
 * @throws WORKFLOW_NOT_FOUND, DRAFT_NOT_FOUND, DRAFT_CHANGED, DEFINITION_INVALID
 */
export async function publishWorkflow(ctx: Context, definitionId: string): Promise<VersionRow> {
  ctx.require("workflow:approve");
  const [workflow] = await definitionsById(ctx.db, [definitionId]);
  if (!workflow) throw errors.WORKFLOW_NOT_FOUND({ id: definitionId });
  const checked = await draftOf(ctx.db, definitionId);
  // Others are asked about it, and nothing is locked while they answer.
  const definition = await checkedDefinition(ctx, checked, workflow.key);
  return ctx.transaction(async (tx) => {
    await locked(tx, definitionId);
    const draft = await draftOf(tx, definitionId);
    if (!isDeepStrictEqual(draft.content, checked.content)) throw errors.DRAFT_CHANGED();
    await retirePublished(ctx, tx, definitionId);
    // Stored as it was understood, defaults included, so that what runs does not depend on later defaults.
    const facts = {
      state: "PUBLISHED",
      content: definition,
      publishedBy: personOf(ctx),
      publishedAt: ctx.now(),
    } as const;
    const version = await changeVersion(tx, draft.id, facts);
    await applyTriggers(ctx, tx, definitionId, { version, definition });
    return version;
  });
}

async function draftOf(db: TenantDb, definitionId: string): Promise<VersionRow> {
  const [draft] = await draftsOfDefinitions(db, [definitionId]);
  if (!draft) throw errors.DRAFT_NOT_FOUND();
  return draft;
}

async function checkedDefinition(ctx: Context, { content }: VersionRow, key: string): Promise<Definition> {
  const { definition, findings } = await checkFor(ctx, content, key);
  const wrong = findings.filter(({ severity }) => severity === "ERROR");
  const [first] = wrong;
  if (definition && !first) return definition;
  const { pointer, message } = first ?? {};
  throw errors.DEFINITION_INVALID({ count: wrong.length, pointer, message, findings: wrong });
}

/** @throws WORKFLOW_NOT_FOUND, NOT_PUBLISHED */
export async function retireWorkflow(ctx: Context, definitionId: string): Promise<DefinitionRow> {
  ctx.require("workflow:approve");
  return ctx.transaction(async (tx) => {
    const definition = await locked(tx, definitionId);
    if (!(await retirePublished(ctx, tx, definitionId))) throw errors.NOT_PUBLISHED({ key: definition.key });
    await applyTriggers(ctx, tx, definitionId, null);
    return definition;
  });
}

async function retirePublished(ctx: Context, tx: Transaction, definitionId: string): Promise<boolean> {
  const [published] = await publishedOfDefinitions(tx, [definitionId]);
  if (!published) return false;
  await changeVersion(tx, published.id, { state: "RETIRED", retiredAt: ctx.now() });
  return true;
}
