/** Runs a module's reactions: each in one transaction with its mark, as the module itself, for the event's tenant. */
import type { Reaction, ReactionAttempt, Subscription } from "@tessera/events";
import { type Actor, actions, platformEvents, type RequestFacts } from "@tessera/shared-types";
import { type Context, createContext } from "./context.js";
import type { Subgraph } from "./define-subgraph.js";
import { depthAttributes } from "./graph-client/depth.js";
import type { Runtime } from "./runtime.js";

/** How long one attempt may use the database. */
const attemptMs = 60_000;

/** Starts consuming what the subgraph reacts to. Does nothing for one that reacts to nothing. */
export function startReactions(subgraph: Subgraph, runtime: Runtime): Subscription {
  const { name, reactions = [], operates = [] } = subgraph;
  if (reactions.length === 0) return { close: async () => {} };
  return runtime.events.startReactions<Context>(name, reactions as readonly Reaction<Context, never>[], (attempt) =>
    run(attempt, runtime, operates),
  );
}

async function run(
  attempt: ReactionAttempt<Context>,
  runtime: Runtime,
  operates: NonNullable<Subgraph["operates"]>,
): Promise<void> {
  const { module, event, signal } = attempt;
  const tenantId = event.tenantId || null;
  const deadline = Date.now() + attemptMs;
  await runtime.database.forModule(module).transaction({ tenantId, signal, deadline }, async (db) => {
    if (!(await attempt.mark(db))) return;
    const { id: causationId, correlationId, depth = 0 } = event;
    const outbox = runtime.events.outbox({ module, tenantId, actorId: null, correlationId, causationId, depth });
    const actor = tenantId ? moduleActor(module, tenantId, depth) : null;
    const request: RequestFacts = { requestId: correlationId, actor, deadline, signal };
    const scope = { tenantId, actorId: null };
    await attempt.handle(
      createContext({
        module,
        runtime,
        request,
        actor,
        scope,
        cookies: [],
        causationId,
        open: { db, outbox },
        operates,
      }),
    );
    // Not awaited, so that it travels with the commit, which fails when it does.
    outbox.flush(db).catch(() => {});
  });
  if (runtime.announcesReactions) await announceDone(attempt, runtime);
}

/** Only now can anybody read what the reaction has written. */
async function announceDone(
  { module, event }: ReactionAttempt<Context>,
  { events, telemetry }: Runtime,
): Promise<void> {
  const { id: causationId, correlationId, aggregateId } = event;
  const origin = { module, tenantId: event.tenantId || null, actorId: null, correlationId, causationId };
  const payload = { eventType: event.type };
  try {
    await events.announce(origin, platformEvents.reactionDone, { aggregateId, payload });
  } catch (error) {
    // The reaction has committed, and is not to be tried again because of this.
    telemetry.log.warn({ err: error, module }, "a finished reaction was not announced");
  }
}

/** A module acting on its own behalf may do everything in itself and nothing elsewhere. */
export function moduleActor(module: string, tenantId: string, depth = 0): Actor {
  const scopes = new Set(actions.map((action) => `${module}:${action}`));
  return { kind: "system", id: module, tenantId, scopes, roles: [], attributes: depthAttributes(depth) };
}
