/** Runs a module's reactions: a turn in one transaction with its marks, as the module itself, for the events' tenant. */
import type { Reaction, ReactionAttempt, ReactionTurn, Subscription } from "@tessera/events";
import { type Actor, actions, type EventEnvelope, platformEvents, type RequestFacts } from "@tessera/shared-types";
import { type Context, createContext } from "./context.js";
import type { Subgraph } from "./define-subgraph.js";
import { depthAttributes } from "./graph-client/depth.js";
import type { Runtime } from "./runtime.js";

/** How long one turn may use the database. */
const turnMs = 60_000;

/** Starts consuming what the subgraph reacts to. Does nothing for one that reacts to nothing. */
export function startReactions(subgraph: Subgraph, runtime: Runtime): Subscription {
  const { name, reactions = [], operates = [] } = subgraph;
  if (reactions.length === 0) return { close: async () => {} };
  return runtime.events.startReactions<Context>(name, reactions as readonly Reaction<Context, never>[], (turn) =>
    run(turn, runtime, operates),
  );
}

async function run(
  { module, tenantId, signal, mark }: ReactionTurn<Context>,
  runtime: Runtime,
  operates: NonNullable<Subgraph["operates"]>,
): Promise<void> {
  const deadline = Date.now() + turnMs;
  const scope = { tenantId, actorId: null };
  let handled: readonly ReactionAttempt<Context>[] = [];
  await runtime.database.forModule(module).transaction({ tenantId, signal, deadline }, async (db) => {
    handled = await mark(db);
    const all = runtime.events.outbox({ module, ...scope, correlationId: "", causationId: null });
    for (const { events, handle } of handled) {
      const { causationId, correlationId, depth } = causeOf(events);
      const outbox = all.as({ correlationId, causationId, depth });
      const actor = tenantId ? moduleActor(module, tenantId, depth) : null;
      const request: RequestFacts = { requestId: correlationId, actor, deadline, signal };
      const parts = {
        module,
        runtime,
        request,
        actor,
        scope,
        cookies: [],
        open: { db, outbox },
        operates,
        ...(causationId ? { causationId } : {}),
      };
      await handle(createContext(parts));
    }
    // Not awaited, so that it travels with the commit, which fails when it does.
    all.flush(db).catch(() => {});
  });
  if (!runtime.announcesReactions) return;
  // Once for each type of the turn: whoever listens asks what changed in the module, not how often.
  const told = new Map(handled.flatMap(({ events }) => events).map((event) => [event.type, event]));
  await Promise.all([...told.values()].map((event) => announceDone(module, event, runtime)));
}

/** What is done about several events at once has none of them as its cause, and follows the deepest. */
function causeOf(events: ReactionAttempt["events"]) {
  const [{ id, correlationId }, second] = events;
  const depth = Math.max(...events.map(({ depth = 0 }) => depth));
  return { causationId: second ? null : id, correlationId, depth };
}

/** Only now can anybody read what the reaction has written. */
async function announceDone(module: string, event: EventEnvelope, { events, telemetry }: Runtime): Promise<void> {
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
