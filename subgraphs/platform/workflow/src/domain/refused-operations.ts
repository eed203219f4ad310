/**
 * Whether the supergraph takes an operation: unknown fields, arguments, types. The router that would run it is asked, so
 * it is the same in every topology, and nothing depends on introspection, which production refuses.
 */
import { createHash } from "node:crypto";
import type { Context } from "@tessera/subgraph";
import { askableOperations, type Refusal } from "../definitions/check-effects.js";
import type { Definition } from "../definitions/definition.js";
import { besideNothing } from "../definitions/read-operation.js";
import { errors } from "../errors.js";
import { asModule, batchesOf } from "../execution/ask-graph.js";

/** Of one definition; a router takes only so many at the same time. */
const mostAtOnce = 8;
/** Definitions are looked at more often than supergraphs change. */
const keptSeconds = 60;

/** Reasons by the text of the operation. @throws GRAPH_… when the supergraph cannot be asked */
export async function refusedOperations(
  ctx: Context,
  definition: Definition,
): Promise<ReadonlyMap<string, readonly Refusal[]>> {
  const refusals = new Map<string, readonly Refusal[]>();
  for (const batch of batchesOf(askableOperations(definition), mostAtOnce)) {
    const reasons = await Promise.all(batch.map((text) => refusalsOf(ctx, text)));
    for (const [index, text] of batch.entries()) refusals.set(text, reasons[index] ?? []);
  }
  return refusals;
}

function refusalsOf(ctx: Context, text: string): Promise<readonly Refusal[]> {
  const key = `operation:${createHash("sha256").update(text).digest("base64url")}`;
  return ctx.cached(key, keptSeconds, () => askAbout(ctx, text));
}

/** What the router says of a document before it runs anything of it. */
const ofDocument = new Set(["GRAPHQL_PARSE_FAILED", "GRAPHQL_VALIDATION_FAILED", "TEXT_TOO_LONG", "TOKENS_EXCEEDED"]);

async function askAbout(ctx: Context, text: string): Promise<Refusal[]> {
  const { errors: refused = [] } = await asModule(ctx).graph.execute({ ...besideNothing(text), scopes: [] });
  return refused.map(({ message, locations, extensions }) => {
    if (!ofDocument.has(String(extensions?.code))) throw errors.OPERATION_UNCHECKED({ reason: message });
    return { reason: message, line: locations?.[0]?.line ?? 1 };
  });
}
