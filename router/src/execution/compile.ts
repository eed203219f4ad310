/** From a plan to something that runs: everything that can be decided before a request is decided here, once. */
import type { FetchNode, PlanNode, QueryPlan } from "@apollo/query-planner";
import type { DocumentNode, GraphQLError, GraphQLSchema, OperationDefinitionNode } from "graphql";
import { RouterError } from "../errors/router-error.js";
import type { Planned } from "../planning/planner.js";
import { branchOf, hasDefer } from "./branches.js";
import { type CompiledPart, compileParts } from "./compiled-parts.js";
import { compileEvents } from "./events.js";
import type { Executable, Executed, Execution } from "./executable.js";
import { asksSubgraphs, compileIntrospection } from "./introspection.js";
import { mergeInto } from "./merge-trees.js";
import { runInParts } from "./parts.js";
import { plannedCalls } from "./planned-calls.js";
import { compileProgram, type Program } from "./program.js";
import { Run } from "./run.js";
import { ShownPaths } from "./shown-paths.js";
import { compileProjection, type Projection } from "./text/projection.js";
import type { LeafForm, Tree } from "./text/tree.js";
import { createTypeNames, type PossibleTypes } from "./type-names.js";

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
}

/** @throws RouterError UNPLANNABLE_OPERATION when the plan has nothing although subgraphs are asked for something. */
export function compileOperation(input: CompileInput): Executable {
  const { planned, schema, mergeFetches = true } = input;
  const { node } = planned.plan;
  const { shown } = input;
  if (!node && asksSubgraphs(shown)) {
    throw new RouterError("UNPLANNABLE_OPERATION", { reason: "no subgraph has its fields" });
  }
  const form: LeafForm = fetchesOf(node).every(({ serviceName }) => input.isLocal(serviceName)) ? "value" : "text";
  const { responseNames } = planned;
  const names = createTypeNames(schema, form, input.possibleTypes);
  const programOptions = { names, isLocal: input.isLocal, mergeFetches };
  const projection = compileProjection({ schema, ...shown, responseNames, form });
  const introspect = compileIntrospection(shown, schema, form);
  const paths = new ShownPaths(shown);
  const programs = new Map<PlanNode | undefined, Program>();

  const programFor = (execution: Pick<Execution, "variables">): Program => {
    const branch = node?.kind === "Subscription" ? undefined : branchOf(node, execution.variables);
    const known = programs.get(branch);
    if (known) return known;
    const program = compileProgram(branch, programOptions);
    programs.set(branch, program);
    return program;
  };
  const begin = (execution: Execution): Begun => {
    const introspected = introspect?.(execution.variables);
    const run = new Run({ program: programFor(execution), names, responseNames, paths }, execution, {});
    if (introspected) {
      mergeInto(run.root, introspected.data);
      run.errorsOf(0).push(...introspected.errors);
    }
    return { run, program: programFor(execution) };
  };
  const events = node?.kind === "Subscription" ? compileEvents(node, programOptions, { responseNames, paths }) : null;
  const kind = shown.operation.operation;
  const deferred = new Map<Program, readonly CompiledPart[]>();
  const partsOf = (program: Program, { variables }: Execution): readonly CompiledPart[] => {
    const input = { schema, shown, responseNames, names, projection };
    const known = deferred.get(program) ?? compileParts(program, variables, input);
    deferred.set(program, known);
    return known;
  };

  return {
    kind,
    isDeferred: hasDefer(node),
    source: events?.source ?? null,
    calls: (variables) => events?.calls ?? plannedCalls(programFor({ variables })),
    async run(execution) {
      const { run, program } = begin(execution);
      await run.start();
      const errors =
        program.parts.length === 1 ? run.errorsOf(0) : program.parts.flatMap(({ index }) => run.errorsOf(index));
      return executed(run.root, errors, execution, projection);
    },
    runInParts(execution) {
      const { run, program } = begin(execution);
      return runInParts(run, partsOf(program, execution));
    },
    async complete(event, execution) {
      if (!events) throw new RouterError("INTERNAL_SERVER_ERROR");
      const { data, errors } = await events.complete(event, execution);
      return executed(data, errors, execution, projection);
    },
  };
}

interface Begun {
  readonly run: Run;
  readonly program: Program;
}

function executed(
  data: Tree | null,
  found: readonly GraphQLError[],
  { variables, refused = [] }: Execution,
  projection: Projection,
): Executed {
  const known = refused.length > 0 ? [...refused, ...found] : found;
  const projected = projection.project(data, variables, known);
  const errors = projected.errors.length > 0 ? [...known, ...projected.errors] : known;
  return { data: projected.data, errors };
}

function fetchesOf(node: QueryPlan["node"] | undefined): FetchNode[] {
  switch (node?.kind) {
    case "Fetch":
      return [node];
    case "Sequence":
    case "Parallel":
      return node.nodes.flatMap(fetchesOf);
    case "Flatten":
      return fetchesOf(node.node);
    case "Condition":
      return [node.ifClause, node.elseClause].flatMap(fetchesOf);
    case "Defer":
      return [node.primary.node, ...node.deferred.map((block) => block.node)].flatMap(fetchesOf);
    case "Subscription":
      return [node.primary, node.rest].flatMap(fetchesOf);
    default:
      return [];
  }
}
