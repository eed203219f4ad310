import type { Context } from "@tessera/subgraph";
import { readBpmn } from "../bpmn/read-bpmn.js";
import { definitionsByKey, draftsOfDefinitions } from "../queries/definitions.js";
import type { VersionRow } from "../tables.js";
import { addWorkflow, locked, putDraft } from "./edit-workflow.js";

/** A draft of the workflow with this key, or of a new one. @throws BPMN_INVALID, BPMN_UNSUPPORTED, WORKFLOW_KEY_INVALID */
export async function importBpmn(ctx: Context, key: string, xml: string): Promise<VersionRow> {
  ctx.require("workflow:write");
  const { name, content } = readBpmn(xml);
  return ctx.transaction(async (tx) => {
    const [known] = await definitionsByKey(tx, [key]);
    if (known) {
      await locked(tx, known.id);
      return putDraft(ctx, tx, known.id, content);
    }
    const { id } = await addWorkflow(ctx, tx, { key, name: name || key, content });
    const [draft] = await draftsOfDefinitions(tx, [id]);
    return draft as VersionRow;
  });
}
