/** One supergraph as it is served, with everything that was worked out for it. A reload makes another one. */
import { setImmediate as pause } from "node:timers/promises";
import type { QueryPlan } from "@apollo/query-planner";
import type { SubgraphConnection } from "@tessera/shared-types";
import type { GraphQLError, GraphQLSchema } from "graphql";
import type { Access, Permitted, WouldRemove } from "../access/access-plan.js";
import type { IntrospectionCheck } from "../access/introspection.js";
import type { PolicyDecider } from "../access/policy-decider.js";
import { compileOperation } from "../execution/compile.js";
import type { Executable } from "../execution/executable.js";
import { executableOfNothing } from "../execution/nothing.js";
import type { Recordings } from "../execution/recordings.js";
import type { RouterHooks } from "../hooks/router-hooks.js";
import { traceStep } from "../observability/trace-requests.js";
import { normalise } from "../planning/normalise.js";
import type { Overrides } from "../planning/overrides.js";
import type { PlanCache } from "../planning/plan-cache.js";
import type { Planned, PlanRequest } from "../planning/planner.js";
import { nameShown } from "../planning/shown-names.js";
import type { CostControl } from "../protection/cost/cost-control.js";
import type { AskedOperation, Operation, Operations } from "../request/operations.js";
import type { RequestContext } from "../request/request-context.js";
import { withoutDefer } from "../request/without-defer.js";
import type { CallSubgraph } from "../subgraphs/subgraph-call.js";
import type { Supergraph } from "./supergraph.js";
import { Watched } from "./watched.js";

export interface GenerationParts {
  readonly supergraph: Supergraph;
  readonly operations: Operations;
  readonly access: Access;
  readonly mayIntrospect: IntrospectionCheck;
  readonly decidePolicies: PolicyDecider;
  readonly overrides: Overrides;
  readonly plans: PlanCache;
  readonly call: CallSubgraph;
  /** By the name of the subgraph. */
  readonly connections: ReadonlyMap<string, SubgraphConnection>;
  readonly isLocal: (subgraph: string) => boolean;
  readonly mergeFetches: boolean;
  readonly recordings: Recordings | null;
  readonly onPlan: RouterHooks["onPlan"];
  readonly cost: CostControl;
}

/** An operation as its sender may run it. */
export interface Prepared {
  readonly operation: Operation;
  readonly generation: Generation;
  /** What it came from; absent when nothing had to be planned. */
  readonly plan: QueryPlan | undefined;
  readonly executable: Executable;
  /** One for each selection that was taken out. */
  readonly refused: readonly GraphQLError[];
  /** What a dry run of access would have taken out; `null` when nothing. */
  readonly wouldRemove: readonly WouldRemove[] | null;
  /** Nothing of it is for some people only. */
  readonly isOpen: boolean;
  /** Names what was taken out; empty when nothing was. */
  readonly variant: string;
  /** Equal for operations that mean the same and of which the same is left. */
  readonly key: string;
}

/** What `mode: reject` answers: nothing runs, and every place that was refused is named. */
export interface Rejected {
  readonly rejected: readonly GraphQLError[];
}

/** What is left of an operation for its sender. */
interface Rest {
  readonly permitted: Permitted;
  /** Of the overrides that apply. */
  readonly labels: readonly string[];
  /** It is answered in one part, whatever it says. */
  readonly isWhole: boolean;
}

/** What was compiled, and the plan it came from. */
interface Compiled {
  /** Equal for operations that mean the same and of which the same is left. */
  readonly key: string;
  readonly executable: Executable;
  /** `null` when there was nothing to plan. */
  readonly planned: PlanRequest | null;
  readonly plan: QueryPlan | undefined;
}

/** Each has a number of its own. */
let made = 0;

/** Of one operation, by what is left of it for a sender. */
const mostCompiled = 256;

export class Generation {
  /** Different for each generation of this process. */
  readonly id: number;
  readonly #parts: GenerationParts;
  readonly #compiled = new WeakMap<Operation, Map<string, Promise<Compiled>>>();
  /** Names of fields that plans fetch for themselves. */
  readonly #reserved: ReadonlySet<string>;
  #using = 0;
  #onIdle: (() => void) | null = null;
  #closed: Promise<void> | undefined;

  constructor(parts: GenerationParts) {
    made += 1;
    this.id = made;
    this.#parts = parts;
    this.#reserved = new Set([...parts.supergraph.keyFields, ...parts.supergraph.requiredFields]);
  }

  get apiSchema(): GraphQLSchema {
    return this.#parts.supergraph.apiSchema;
  }

  /** Whether errors may name parts of the schema. */
  get suggestsNames(): boolean {
    return this.#parts.operations.suggestsNames;
  }

  get operations(): Operations {
    return this.#parts.operations;
  }

  get plans(): PlanCache {
    return this.#parts.plans;
  }

  get recordings(): Recordings | null {
    return this.#parts.recordings;
  }

  get cost(): CostControl {
    return this.#parts.cost;
  }

  get call(): CallSubgraph {
    return this.#parts.call;
  }

  get connections(): Iterable<SubgraphConnection> {
    return this.#parts.connections.values();
  }

  /** Everything an operation needs to run for somebody who may see all of it. Rejects when it cannot be run. */
  async prepareAhead({ text, name }: AskedOperation): Promise<void> {
    const operation = this.#parts.operations.get(text, name);
    if ("errors" in operation) throw operation.errors[0];
    if (operation.refusal) throw operation.refusal;
    const { whole } = this.#parts.access.plan(operation);
    const { executable } = await this.#compiledFor(operation, { permitted: whole, labels: [], isWhole: false });
    await pause();
    executable.prepare({});
  }

  connection(subgraph: string): SubgraphConnection | undefined {
    return this.#parts.connections.get(subgraph);
  }

  /** @throws RouterError when the sender may not introspect, or the operation cannot be planned. */
  async prepare(
    operation: Operation,
    variables: Readonly<Record<string, unknown>>,
    context: RequestContext,
    mayDefer: boolean,
  ): Promise<Prepared | Rejected> {
    const refusal = this.#parts.mayIntrospect(operation, context.facts.actor);
    if (refusal) throw refusal;
    return this.prepareRunning(operation, variables, context, mayDefer);
  }

  /** For what runs already: that its sender may ask for it was found out when it began. */
  async prepareRunning(
    operation: Operation,
    variables: Readonly<Record<string, unknown>>,
    context: RequestContext,
    mayDefer: boolean,
  ): Promise<Prepared | Rejected> {
    const { access, decidePolicies, overrides, plans } = this.#parts;
    const { actor } = context.facts;
    const plan = access.plan(operation);
    const decisions = plan.policies.length > 0 ? await decidePolicies(plan.policies, { actor, context }) : undefined;
    const permitted = plan.permit(actor, decisions);
    const report = access.report(permitted, actor, variables);
    if (report.isRejected) return { rejected: report.errors };
    const labels = await overrides.labelsFor(operation, context);
    const isWhole = operation.hasDefer && !mayDefer;
    const compiled = await this.#compiledFor(operation, { permitted, labels, isWhole });
    const { key, executable, planned, plan: queryPlan } = compiled;
    if (planned) plans.used(planned);
    const { errors: refused, wouldRemove } = report;
    const { variant } = permitted;
    const found = { plan: queryPlan, refused, wouldRemove, variant, isOpen: plan.isOpen, key };
    return { operation, generation: this, executable, ...found };
  }

  /** Counts the work until it settles, so that a generation that was replaced knows when nobody needs it any more. */
  async whileUsed<Result>(work: Promise<Result>): Promise<Result> {
    this.#using += 1;
    try {
      return await work;
    } finally {
      this.#leave();
    }
  }

  /** The same for an answer in parts: until the last one, or until its reader leaves. */
  whileRead<Part>(parts: AsyncGenerator<Part, void, void>): AsyncGenerator<Part, void, void> {
    this.#using += 1;
    return new Watched(parts, () => this.#leave());
  }

  /** Waits for running requests, then lets go of what it holds. */
  close(): Promise<void> {
    this.#closed ??= this.#idle().then(() => this.#parts.plans.close());
    return this.#closed;
  }

  #leave(): void {
    this.#using -= 1;
    if (this.#using === 0) this.#onIdle?.();
  }

  #idle(): Promise<void> {
    if (this.#using === 0) return Promise.resolve();
    return new Promise((resolve) => {
      this.#onIdle = resolve;
    });
  }

  #compiledFor(operation: Operation, rest: Rest): Promise<Compiled> {
    const known = this.#compiled.get(operation) ?? new Map<string, Promise<Compiled>>();
    this.#compiled.set(operation, known);
    const name = `${rest.permitted.variant}|${rest.labels.join()}|${rest.isWhole}`;
    const running = known.get(name);
    if (running) return running;
    const made = this.#compile(operation, rest, name);
    // Custom roles and labels make any number of outcomes.
    if (known.size >= mostCompiled) known.clear();
    known.set(name, made);
    // What failed once may succeed the next time: the planner may have been busy, and remembers what will not.
    made.catch(() => known.delete(name));
    return made;
  }

  async #compile(operation: Operation, { permitted, labels, isWhole }: Rest, name: string): Promise<Compiled> {
    const { supergraph, isLocal, mergeFetches, recordings } = this.#parts;
    const { apiSchema: schema, subtypes } = supergraph;
    const { possibleTypes } = subtypes;
    // As the client wrote it: what was taken out of two operations may differ where what is left does not.
    const key = `${name}|${normalise(operation.document)}`;
    if (!permitted.document) {
      const shown = isWhole ? withoutDefer(operation) : operation;
      return { key, executable: executableOfNothing(shown, schema), planned: null, plan: undefined };
    }
    const left = isWhole ? withoutDefer({ ...operation, document: permitted.document }).document : permitted.document;
    const request = { text: normalise(left), overrides: labels };
    const planned = await this.#plan(request);
    // Before directives are taken out: what was refused is known by its nodes.
    const named = nameShown(operation, permitted.removed, planned, this.#reserved);
    const shown = isWhole ? withoutDefer(named.shown) : named.shown;
    const executable = compileOperation({
      ...{ planned: named.planned, shown, schema, isLocal, mergeFetches, possibleTypes, recordings },
    });
    return { key, executable, planned: request, plan: planned.plan };
  }

  async #plan(request: PlanRequest): Promise<Planned> {
    const { plans, onPlan } = this.#parts;
    const planned = await traceStep("router.plan", {}, () => plans.plan(request));
    const plan = await onPlan?.({ text: request.text, plan: planned.plan });
    return plan ? { ...planned, plan } : planned;
  }
}
