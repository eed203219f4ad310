/** From the tree of an operation to the JSON text of its `data`. */
import type { DocumentNode, GraphQLError, GraphQLSchema, OperationDefinitionNode } from "graphql";
import { type JsonText, toJson } from "../../request/json-text.js";
import { type CarefulProjection, carefulProjection, unexplained } from "./careful-projection.js";
import { FieldCollector, flagsOf } from "./collect-fields.js";
import { type FastProjection, generateProjection } from "./compile-projection.js";
import type { LeafForm, Tree } from "./tree.js";

export interface ProjectionOptions {
  /** What clients see. */
  readonly schema: GraphQLSchema;
  readonly document: DocumentNode;
  readonly operation: OperationDefinitionNode;
  /** Private keys of the tree → the names they are answered with. */
  readonly responseNames?: Readonly<Record<string, string>>;
  readonly form: LeafForm;
}

export interface Projection {
  /** Generates what `project` needs for these variables. */
  prepare(variables: Readonly<Record<string, unknown>>): void;
  /**
   * `variables` are coerced; `known` are the errors of subgraphs, at the client's paths, and `lacks` says what is missing
   * because of them elsewhere: a null they explain is not reported a second time. No data is like data without any field.
   */
  project(
    data: Tree | null,
    variables: Readonly<Record<string, unknown>>,
    known: readonly GraphQLError[],
    lacks?: (path: readonly (string | number)[]) => boolean,
  ): ProjectedData;
}

export interface ProjectedData {
  readonly data: JsonText;
  /** Of completion. */
  readonly errors: readonly GraphQLError[];
}

/** Answers differ by @skip and @include in at most this many ways before the rest goes the careful way. */
const mostVariants = 32;

export function compileProjection(options: ProjectionOptions): Projection {
  const variantOf = variants(options);
  let careful: CarefulProjection | undefined;
  return {
    prepare: (variables) => void variantOf(variables),
    project(data, variables, known, lacks = () => false) {
      const tree = data ?? {};
      try {
        const fast = variantOf(variables);
        if (fast) return { data: { text: fast(tree) }, errors: none };
      } catch {
        // Whatever it is, the careful way finds and names it.
      }
      careful ??= carefulProjection({ responseNames: {}, ...options });
      const completed = careful(tree, variables);
      return { data: { text: toJson(completed.data) }, errors: unexplained(completed.errors, known, lacks) };
    },
  };
}

const none: readonly GraphQLError[] = [];

/** Generates a projection for the variables of @skip and @include when they first come; null when there is none. */
function variants(options: ProjectionOptions): (variables: Readonly<Record<string, unknown>>) => FastProjection | null {
  const flags = flagsOf(options.document, options.operation);
  const known = new Map<string, FastProjection | null>();
  let latest: { key: string; fast: FastProjection | null } | undefined;
  return (variables) => {
    const key = flags.length === 0 ? "" : flags.map((flag) => (variables[flag] === true ? "1" : "0")).join("");
    if (latest?.key === key) return latest.fast;
    let fast = known.get(key);
    if (fast === undefined) {
      if (known.size >= mostVariants) return null;
      fast = tryToGenerate(options, Object.fromEntries(flags.map((flag) => [flag, variables[flag] === true])));
      known.set(key, fast);
    }
    latest = { key, fast };
    return fast;
  };
}

function tryToGenerate(options: ProjectionOptions, flags: Readonly<Record<string, boolean>>): FastProjection | null {
  const { schema, document, operation, form, responseNames = {} } = options;
  const root = schema.getRootType(operation.operation);
  if (!root) return null;
  const collector = new FieldCollector(schema, document, flags);
  try {
    return generateProjection({ collector, root, selectionSet: operation.selectionSet, responseNames, form });
  } catch {
    return null;
  }
}
