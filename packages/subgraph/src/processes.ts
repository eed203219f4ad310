/** Runs a module's durable processes: each step in one transaction with its journal entry, as the module itself. */
import type { Subscription } from "@tessera/events";
import type { ProcessDefinition, Processes, StepAttempt, StepFacts } from "@tessera/processes";
import type { RequestFacts } from "@tessera/shared-types";
import { type Context, createContext } from "./context.js";
import type { Subgraph } from "./define-subgraph.js";
import { processesErrors } from "./errors.js";
import { moduleActor } from "./reactions.js";
import type { Runtime } from "./runtime.js";

/** What a step works with: its `transaction` is the step's own, so that effect and journal entry commit together. */
export interface StepContext extends Context {
  readonly step: StepFacts;
}

/** Declares a durable process of a module, to be listed under `processes` of its subgraph. */
export function defineProcess<Input, Output>(
  definition: ProcessDefinition<StepContext, Input, Output>,
): ProcessDefinition<StepContext, Input, Output> {
  return definition;
}

/** @throws CodedError `PROCESSES_UNAVAILABLE` */
export function processesOf({ processes }: Runtime): Processes {
  if (!processes) throw processesErrors.PROCESSES_UNAVAILABLE();
  return processes;
}

/** Starts running the subgraph's processes. Does nothing for one that has none. */
export function startProcesses(subgraph: Subgraph, runtime: Runtime): Subscription {
  const { name, processes = [], operates = [] } = subgraph;
  if (processes.length === 0) return { close: async () => {} };
  return processesOf(runtime).startWorker<StepContext>(name, processes, (attempt) => run(attempt, runtime, operates));
}

async function run(
  attempt: StepAttempt<StepContext>,
  runtime: Runtime,
  operates: NonNullable<Subgraph["operates"]>,
): Promise<void> {
  const { module, tenantId, correlationId, causationId, deadline, step } = attempt;
  // Starting a process is one automatic step, however many steps it has.
  const depth = attempt.depth + 1;
  const { signal } = step;
  await runtime.database.forModule(module).transaction({ tenantId, signal, deadline }, async (db) => {
    const origin = { module, tenantId, actorId: attempt.actorId, correlationId, causationId, depth };
    const outbox = runtime.events.outbox(origin);
    const actor = moduleActor(module, tenantId, depth);
    const request: RequestFacts = { requestId: correlationId, actor, deadline, signal };
    const scope = { tenantId, actorId: null };
    const cause = causationId === null ? {} : { causationId };
    const parts = { module, runtime, request, actor, scope, cookies: [], open: { db, outbox }, operates, ...cause };
    await attempt.handle(Object.assign(createContext(parts), { step }));
    await attempt.record(db);
    // Not awaited, so that it travels with the commit, which fails when it does.
    outbox.flush(db).catch(() => {});
  });
}
