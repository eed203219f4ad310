/** Events of a subscription: what to ask of the subgraph that has the stream, and what to add to each event. */
import type { SubscriptionNode } from "@apollo/query-planner";
import type { SubgraphResult } from "@tessera/shared-types";
import { GraphQLError, parse } from "graphql";
import type { SubgraphOperation } from "../subgraphs/subgraph-call.js";
import { writtenBy } from "./dependencies.js";
import type { EventSource, Execution } from "./executable.js";
import { copyTree } from "./merge-trees.js";
import { compileOutputRewrites } from "./output-rewrites.js";
import { callsOfEvents, type PlannedCall } from "./planned-calls.js";
import { compileProgram, type ProgramOptions } from "./program.js";
import { type Gathered, Run } from "./run.js";
import { parsedFetch } from "./selections.js";
import type { ShownPaths } from "./shown-paths.js";
import { variablesOf } from "./subgraph-request.js";
import { compileReader } from "./text/read-answer.js";
import type { Tree } from "./text/tree.js";

export interface CompiledEvents {
  readonly source: EventSource;
  /** The stream, and what is asked for each event. */
  readonly calls: readonly PlannedCall[];
  complete(event: SubgraphResult, execution: Execution): Promise<Gathered>;
}

/** How clients know the places of errors. */
interface EventPaths {
  readonly responseNames: Readonly<Record<string, string>>;
  readonly paths: ShownPaths;
}

/** An event tells of no more. */
const mostErrors = 1_000;

export function compileEvents(
  { primary, rest }: SubscriptionNode,
  options: ProgramOptions,
  shown: EventPaths,
): CompiledEvents {
  const { names } = options;
  const parsed = parsedFetch(parse(primary.operation, { noLocation: true }));
  const program = compileProgram(rest, { ...options, given: writtenBy(primary, [], parsed) });
  const rewrites = compileOutputRewrites(primary.outputRewrites, names);
  const reader = compileReader(parsed.document, "text");
  const operation: SubgraphOperation = {
    subgraph: primary.serviceName,
    text: primary.operation,
    name: primary.operationName,
    kind: "subscription",
    entities: [],
  };

  return {
    calls: callsOfEvents(operation, program),
    source: { operation, variablesOf: (given) => ({ ...variablesOf(primary.variableUsages ?? [], given) }) },
    async complete({ data, errors = [] }, execution) {
      // One event may be on its way to several clients, so it is not changed itself.
      const root = data && (names.form === "text" ? reader.ingest(data) : (copyTree(data) as Tree));
      if (root) rewrites?.apply(root);
      const found = errors
        .slice(0, mostErrors)
        .map((error) => ofSource(error, primary.serviceName, shown, rewrites, root ?? {}));
      if (!root) return { data: null, errors: found };
      if (program.calls.length === 0) return { data: root, errors: found };
      const run = new Run({ program, names, ...shown }, execution, root);
      run.errorsOf(0).push(...found);
      await run.start();
      return { data: root, errors: run.errorsOf(0), lacks: (path) => run.lacks(path) };
    },
  };
}

function ofSource(
  error: GraphQLError,
  subgraph: string,
  { responseNames, paths }: EventPaths,
  rewrites: ReturnType<typeof compileOutputRewrites>,
  root: Tree,
): GraphQLError {
  const path = rewrites?.rename(error.path ?? []) ?? error.path;
  const shown =
    path &&
    paths.within(path, root).map((key) => (Object.hasOwn(responseNames, key) ? (responseNames[key] ?? key) : key));
  const extensions = { code: "INTERNAL_SERVER_ERROR", module: subgraph, ...error.extensions };
  const originalError = error.originalError ?? error;
  return new GraphQLError(error.message, {
    ...(error.path && shown ? { path: shown } : {}),
    extensions,
    originalError,
  });
}
