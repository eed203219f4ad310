/**
 * The least that runs a plan: subgraphs as schemas of graphql-js in this process, results merged into one tree. Just
 * enough to see whether a plan gives right data; the router's own execution is tested elsewhere.
 */
import type { FetchNode, PlanNode, QueryPlanSelectionNode } from "@apollo/query-planner";
import { buildSubgraphSchema } from "@apollo/subgraph";
import { execute as executeDocument, type GraphQLSchema, graphql, parse } from "graphql";
import { compose } from "../../src/composition/compose.js";
import type { Planned, Planner } from "../../src/planning/planner.js";
import { startPlanner } from "../../src/planning/start-planner.js";
import { buildSupergraph } from "../../src/supergraph/supergraph.js";

type Data = Record<string, unknown>;

export interface ThinSubgraph {
  readonly sdl: string;
  readonly resolvers: Record<string, Record<string, unknown>>;
}

export const federation = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: [
  "@key", "@shareable", "@external", "@requires", "@provides", "@override", "@interfaceObject", "@inaccessible"])`;

export interface ThinWorld {
  readonly supergraphSdl: string;
  readonly planner: Planner;
  plan(text: string, overrides?: readonly string[]): Promise<Planned>;
  /** The data a client gets. Throws what any subgraph reports. */
  ask(text: string, variables?: Data, overrides?: readonly string[]): Promise<Data>;
  /** Operations sent since the world was made: `subgraph text`. */
  readonly sent: string[];
}

export function composeThin(subgraphs: Readonly<Record<string, { readonly sdl: string }>>): string {
  const sources = Object.entries(subgraphs).map(([name, { sdl }]) => ({ name, sdl: federation + sdl, file: name }));
  return compose(sources).supergraphSdl;
}

export async function thinWorld(subgraphs: Readonly<Record<string, ThinSubgraph>>): Promise<ThinWorld> {
  const supergraphSdl = composeThin(subgraphs);
  const schemas = new Map(
    Object.entries(subgraphs).map(([name, { sdl, resolvers }]) => [
      name,
      buildSubgraphSchema({ typeDefs: parse(federation + sdl), resolvers: resolvers as never }),
    ]),
  );
  const planner = await startPlanner({ supergraphSdl, workers: 0 });
  const { apiSchema } = buildSupergraph(supergraphSdl);
  const sent: string[] = [];
  const plan = (text: string, overrides: readonly string[] = []) => planner.plan({ text, overrides });
  return {
    supergraphSdl,
    planner,
    sent,
    plan,
    ask: async (text, variables = {}, overrides = []) => {
      const planned = await plan(text, overrides);
      const tree: Data = {};
      const { node } = planned.plan;
      if (!node || node.kind === "Subscription") throw new Error("nothing to run");
      await run(node, [tree], { schemas, variables, sent });
      return shape(planned, tree, variables, apiSchema);
    },
  };
}

interface Run {
  readonly schemas: ReadonlyMap<string, GraphQLSchema>;
  readonly variables: Data;
  readonly sent: string[];
}

async function run(node: PlanNode, targets: readonly Data[], on: Run): Promise<void> {
  switch (node.kind) {
    case "Sequence":
      for (const step of node.nodes) await run(step, targets, on);
      return;
    case "Parallel":
      await Promise.all(node.nodes.map((step) => run(step, targets, on)));
      return;
    case "Flatten":
      return run(node.node, node.path.reduce<unknown[]>(step, [...targets]).filter(isData), on);
    case "Condition": {
      const branch = on.variables[node.condition] ? node.ifClause : node.elseClause;
      return branch ? run(branch, targets, on) : undefined;
    }
    case "Fetch":
      return fetchInto(node, targets, on);
    case "Defer":
      throw new Error("not here");
  }
}

function step(values: unknown[], name: string | number): unknown[] {
  if (name === "@") return values.flat();
  return values.flatMap((value) => (isData(value) ? [value[name]] : []));
}

async function fetchInto(node: FetchNode, targets: readonly Data[], on: Run): Promise<void> {
  const schema = on.schemas.get(node.serviceName);
  if (!schema) throw new Error(`no subgraph ${node.serviceName}`);
  on.sent.push(`${node.serviceName} ${node.operation}`);
  const { requires } = node;
  const representations = requires?.length ? targets.map((target) => structuredClone(select(target, requires))) : null;
  for (const rewrite of node.inputRewrites ?? []) rewriteAt(representations, rewrite.path, rewrite);
  const variableValues = { ...on.variables, ...(representations ? { representations } : {}) };
  const { data, errors } = await graphql({ schema, source: node.operation, variableValues });
  if (errors?.[0]) throw errors[0];
  for (const rewrite of node.outputRewrites ?? [])
    rewriteAt(representations ? data?._entities : data, rewrite.path, rewrite);
  if (!representations) for (const target of targets) merge(target, data as Data);
  const entities = (data?._entities ?? []) as (Data | null)[];
  if (representations) targets.forEach((target, index) => void merge(target, entities[index] ?? {}));
}

function select(source: Data, selections: readonly QueryPlanSelectionNode[]): Data {
  const chosen: Data = {};
  for (const selection of selections) {
    if (selection.kind === "InlineFragment") Object.assign(chosen, select(source, selection.selections));
    else {
      const inner = selection.selections ?? [];
      const of = (value: unknown): unknown =>
        Array.isArray(value) ? value.map(of) : isData(value) ? select(value, inner) : value;
      if (selection.name in source) chosen[selection.name] = of(source[selection.name]);
    }
  }
  return chosen;
}

type Rewrite = NonNullable<FetchNode["inputRewrites"]>[number];

function rewriteAt(value: unknown, path: readonly string[], rewrite: Rewrite): void {
  const [first = "", ...further] = path;
  if (Array.isArray(value)) for (const one of value) rewriteAt(one, path, rewrite);
  else if (!isData(value)) return;
  else if (first.startsWith("... on ")) rewriteAt(value, further, rewrite);
  else if (further.length > 0) rewriteAt(value[first], further, rewrite);
  else if (rewrite.kind === "ValueSetter") value[first] = rewrite.setValueTo;
  else if (first in value) {
    value[rewrite.renameKeyTo] = value[first];
    delete value[first];
  }
}

function merge(target: Data, source: Data): void {
  for (const [key, value] of Object.entries(source)) {
    const present = target[key];
    if (isData(present) && isData(value)) merge(present, value);
    else if (Array.isArray(present) && Array.isArray(value)) {
      present.forEach((one, index) => void (isData(one) && isData(value[index]) && merge(one, value[index])));
    } else target[key] = value;
  }
}

function shape({ text, responseNames }: Planned, tree: Data, variableValues: Data, schema: GraphQLSchema): Data {
  const result = executeDocument({
    schema,
    document: parse(text),
    rootValue: tree,
    variableValues,
    fieldResolver: (source: Data, _arguments, _context, { path }) => source[path.key],
    typeResolver: (source: Data) => String(source.__typename),
  });
  if (result instanceof Promise || result.errors?.[0]) throw (result as { errors?: Error[] }).errors?.[0];
  const named = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(named);
    if (!isData(value)) return value;
    return Object.fromEntries(Object.entries(value).map(([key, one]) => [responseNames[key] ?? key, named(one)]));
  };
  return named(result.data) as Data;
}

function isData(value: unknown): value is Data {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
