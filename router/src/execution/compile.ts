/** From a plan to something that runs: everything that can be decided before a request is decided here, once. */
import type { PlanNode } from "@apollo/query-planner";
import type { SubgraphResult } from "@tessera/shared-types";
import type { DocumentNode, GraphQLSchema, OperationDefinitionNode, OperationTypeNode } from "graphql";
import { RouterError } from "../errors/router-error.js";
import type { Planned } from "../planning/planner.js";
import { branchOf, hasDefer } from "./branches.js";
import { type CompiledPart, compileParts } from "./compiled-parts.js";
import { compileEvents } from "./events.js";
import type { EventSource, Executable, Executed, Execution } from "./executable.js";
import { fingerprintOf } from "./fingerprint.js";
import { asksSubgraphs, compileIntrospection } from "./introspection.js";
import { mergeInto } from "./merge-trees.js";
import { runInParts } from "./parts.js";
import { fetchesOf } from "./plan-steps.js";
import { plannedCalls } from "./planned-calls.js";
import { compileProgram, type Program } from "./program.js";
import { isRecordable, runRecalled } from "./recall.js";
import type { Recordings } from "./recordings.js";
import { type Gathered, Run } from "./run.js";
import { ShownPaths } from "./shown-paths.js";
import { compileProjection, type Projection } from "./text/projection.js";
import type { LeafForm } from "./text/tree.js";
import { createTypeNames, type PossibleTypes, type TypeNames } from "./type-names.js";

export interface CompileInput {
  readonly planned: Planned;
  /** What the client asked, refused selections included, with the names its data has: see `nameShown`. */
  readonly shown: { readonly document: DocumentNode; readonly operation: OperationDefinitionNode };
  /** What clients see. */
  readonly schema: GraphQLSchema;
  /** Of the supergraph, so that types clients do not see are known; those of `schema` when absent. */
  readonly possibleTypes?: PossibleTypes;
  /** Whether a subgraph runs in this process. */
  isLocal(subgraph: string): boolean;
  /** Fetches of one subgraph at one time become one call; true unless said otherwise. */
  readonly mergeFetches?: boolean;
  /** Where answers are kept for when subgraphs say the same again; `null` or absent to work out every one. */
  readonly recordings?: Recordings | null;
}

/** @throws RouterError UNPLANNABLE_OPERATION when the plan has nothing although subgraphs are asked for something. */
export function compileOperation(input: CompileInput): Executable {
  const { planned, shown } = input;
  if (!planned.plan.node && asksSubgraphs(shown)) {
    throw new RouterError("UNPLANNABLE_OPERATION", { reason: "no subgraph has its fields" });
  }
  return new CompiledOperation(input);
}

/** Characters of variables by which an answer is remembered. */
const longestVariables = 4096;

class CompiledOperation implements Executable {
  /** `null` where answers are not kept: they follow from more than what subgraphs say. */
  readonly #fingerprint: string | null;
  readonly kind: OperationTypeNode;
  readonly isDeferred: boolean;
  readonly #input: CompileInput;
  readonly #names: TypeNames;
  readonly #projection: Projection;
  readonly #introspect: ReturnType<typeof compileIntrospection>;
  readonly #paths: ShownPaths;
  readonly #events: ReturnType<typeof compileEvents> | null;
  /** By branch of the plan, which @skip and @include choose. */
  readonly #programs = new Map<PlanNode | undefined, Program>();
  readonly #parts = new Map<Program, readonly CompiledPart[]>();

  constructor(input: CompileInput) {
    const { planned, shown, schema } = input;
    const { responseNames } = planned;
    const { node } = planned.plan;
    const form: LeafForm = fetchesOf(node).every(({ serviceName }) => input.isLocal(serviceName)) ? "value" : "text";
    this.#input = input;
    this.#names = createTypeNames(schema, form, input.possibleTypes);
    this.#projection = compileProjection({ schema, ...shown, responseNames, form });
    this.#introspect = compileIntrospection(shown, schema, form);
    this.#paths = new ShownPaths(shown);
    const places = { responseNames, paths: this.#paths };
    this.#events = node?.kind === "Subscription" ? compileEvents(node, this.#programOptions, places) : null;
    this.kind = shown.operation.operation;
    this.isDeferred = hasDefer(node);
    const isPure = this.kind === "query" && this.#introspect === null;
    this.#fingerprint = input.recordings && isPure ? fingerprintOf(input) : null;
  }

  get source(): EventSource | null {
    return this.#events?.source ?? null;
  }

  calls(variables: Execution["variables"]): ReturnType<Executable["calls"]> {
    return this.#events?.calls ?? plannedCalls(this.#programFor(variables));
  }

  prepare(variables: Execution["variables"]): void {
    this.#programFor(variables);
    this.#projection.prepare(variables);
  }

  async run(execution: Execution): Promise<Executed> {
    const { recordings } = this.#input;
    const { variables, refused = [], files } = execution;
    const program = this.#programFor(variables);
    const mayRecord = this.#fingerprint !== null && isRecordable(program) && refused.length === 0 && !files;
    const key = mayRecord ? JSON.stringify(variables) : null;
    if (!recordings || key === null || key.length > longestVariables) return this.#run(execution);
    return runRecalled(recordings, `${this.#fingerprint} ${key}`, program, execution, (own) => this.#run(own));
  }

  async #run(execution: Execution): Promise<Executed> {
    const { run, program } = this.#begin(execution);
    await run.start();
    const { parts } = program;
    const errors = parts.length === 1 ? run.errorsOf(0) : parts.flatMap(({ index }) => run.errorsOf(index));
    return executed({ data: run.root, errors, lacks: (path) => run.lacks(path) }, execution, this.#projection);
  }

  runInParts(execution: Execution, announces = false): ReturnType<Executable["runInParts"]> {
    const { run, program } = this.#begin(execution);
    return runInParts(run, this.#partsOf(program, execution), announces);
  }

  async complete(event: SubgraphResult, execution: Execution): Promise<Executed> {
    if (!this.#events) throw new RouterError("INTERNAL_SERVER_ERROR");
    return executed(await this.#events.complete(event, execution), execution, this.#projection);
  }

  get #programOptions() {
    const { isLocal, mergeFetches = true } = this.#input;
    return { names: this.#names, isLocal, mergeFetches };
  }

  #begin(execution: Execution): Begun {
    const program = this.#programFor(execution.variables);
    const { responseNames } = this.#input.planned;
    const run = new Run({ program, names: this.#names, responseNames, paths: this.#paths }, execution, {});
    const introspected = this.#introspect?.(execution.variables);
    if (introspected) {
      mergeInto(run.root, introspected.data);
      run.errorsOf(0).push(...introspected.errors);
    }
    return { run, program };
  }

  #programFor(variables: Execution["variables"]): Program {
    const { node } = this.#input.planned.plan;
    const branch = node?.kind === "Subscription" ? undefined : branchOf(node, variables);
    const known = this.#programs.get(branch);
    if (known) return known;
    const program = compileProgram(branch, this.#programOptions);
    this.#programs.set(branch, program);
    return program;
  }

  #partsOf(program: Program, { variables }: Execution): readonly CompiledPart[] {
    const known = this.#parts.get(program);
    if (known) return known;
    const { schema, shown, planned } = this.#input;
    const { responseNames } = planned;
    const input = { schema, shown, responseNames, names: this.#names, projection: this.#projection };
    const parts = compileParts(program, variables, input);
    this.#parts.set(program, parts);
    return parts;
  }
}

interface Begun {
  readonly run: Run;
  readonly program: Program;
}

function executed(
  { data, errors: found, lacks }: Gathered,
  { variables, refused = [] }: Execution,
  projection: Projection,
): Executed {
  const known = refused.length > 0 ? [...refused, ...found] : found;
  const projected = projection.project(data, variables, known, lacks);
  const errors = projected.errors.length > 0 ? [...known, ...projected.errors] : known;
  return { data: projected.data, errors };
}
