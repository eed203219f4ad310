/** Events a consumer gave up: looked into, tried again (also with another payload), or discarded with a reason. */
import { type DeadLetter, EventsError } from "@tessera/events";
import type { Context } from "@tessera/subgraph";
import { errors } from "../errors.js";
import { addDecision, type DeadLetterDecisionRow } from "../queries/decisions.js";
import { typesByName, versionsOfTypes } from "../queries/event-types.js";
import { isProtected } from "./protected-events.js";
import { checkPayload, refuseLarge } from "./publish-event.js";
import { checkText, uuidOf } from "./text-checks.js";

/** Null when there is none of this organization, or it is no dead letter any more. */
export async function findDeadLetter(ctx: Context, id: string): Promise<DeadLetter | null> {
  const letter = await translated(id, () => ctx.operations.deadLetters.get(id)).catch((error: unknown) => {
    if ((error as { code?: unknown }).code === "DEAD_LETTER_NOT_FOUND") return null;
    throw error;
  });
  return letter?.state === "dead" ? letter : null;
}

/** @throws DEAD_LETTER_NOT_FOUND, PAYLOAD_PROTECTED, PAYLOAD_INVALID, PAYLOAD_TOO_LARGE */
export async function retryDeadLetter(ctx: Context, id: string, payload?: unknown): Promise<DeadLetterDecisionRow> {
  const letter = await requireDeadLetter(ctx, id);
  const edited = payload != null;
  if (edited) await checkEdit(ctx, letter, payload);
  const decision = await record(ctx, letter, edited ? "EDITED" : "RETRIED", null);
  await translated(id, () => ctx.operations.deadLetters.retry(id, edited ? { payload } : {}));
  return decision;
}

/** @throws DEAD_LETTER_NOT_FOUND, TEXT_INVALID */
export async function discardDeadLetter(ctx: Context, id: string, reason: string): Promise<DeadLetterDecisionRow> {
  const checked = checkText("reason", reason, 1_000);
  const letter = await requireDeadLetter(ctx, id);
  const decision = await record(ctx, letter, "DISCARDED", checked);
  await translated(id, () => ctx.operations.deadLetters.discard(id, { reason: checked }));
  return decision;
}

async function requireDeadLetter(ctx: Context, id: string): Promise<DeadLetter> {
  const letter = await findDeadLetter(ctx, id);
  if (!letter) throw errors.DEAD_LETTER_NOT_FOUND({ id });
  return letter;
}

async function checkEdit(ctx: Context, { event }: DeadLetter, payload: unknown): Promise<void> {
  const { type, version } = event;
  if (isProtected(type)) throw errors.PAYLOAD_PROTECTED({ type });
  refuseLarge(payload);
  const [known] = await typesByName(ctx.db, [type]);
  const versions = known ? ((await versionsOfTypes(ctx.db, [known.id]))[0] ?? []) : [];
  const schema = versions.find((one) => one.version === version)?.schema;
  if (schema) checkPayload(type, version, schema, payload);
}

/** Written down first: a decision that was not carried out can be seen, one that was carried out unseen cannot. */
function record(
  ctx: Context,
  { id, module, event }: DeadLetter,
  decision: DeadLetterDecisionRow["decision"],
  reason: string | null,
): Promise<DeadLetterDecisionRow> {
  const decidedBy = uuidOf(ctx.actor?.id);
  const facts = { deadLetterId: id, eventId: event.id, consumer: module, decidedBy, decidedAt: ctx.now() };
  return ctx.transaction((tx) => addDecision(tx, { ...facts, decision, reason }));
}

/** What the kernel refuses, in the words of this module. */
async function translated<Result>(id: string, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof EventsError)) throw error;
    if (error.code === "DEAD_LETTER_NOT_FOUND") throw errors.DEAD_LETTER_NOT_FOUND({ id });
    if (error.code === "EVENT_INVALID")
      throw errors.PAYLOAD_INVALID({
        name: error.details.type,
        version: error.details.version,
        problems: `${error.details.problem}.`,
      });
    throw error;
  }
}
