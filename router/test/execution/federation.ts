/** Real supergraphs for tests of the executor: composed, planned by Apollo's planner, answered by graphql-js. */
import { operationFromDocument, ROUTER_SUPPORTED_SUPERGRAPH_FEATURES, Supergraph } from "@apollo/federation-internals";
import { type QueryPlan, QueryPlanner, type QueryPlannerConfig } from "@apollo/query-planner";
import { buildSubgraphSchema } from "@apollo/subgraph";
import type { RequestFacts } from "@tessera/shared-types";
import { execute, type GraphQLError, type GraphQLSchema, getOperationAST, getVariableValues, parse } from "graphql";
import { expect } from "vitest";
import { compose } from "../../src/composition/compose.js";
import { bodyOf } from "../../src/execution/body.js";
import { type CompileInput, compileOperation } from "../../src/execution/compile.js";
import type { Executable, Executed, ExecutedPart, Execution } from "../../src/execution/executable.js";
import type { Recordings } from "../../src/execution/recordings.js";
import { fromJson, toJson } from "../../src/request/json-text.js";
import { createRequestContext } from "../../src/request/request-context.js";
import type { SubgraphAnswer, SubgraphCall } from "../../src/subgraphs/subgraph-call.js";
import { buildSupergraph } from "../../src/supergraph/supergraph.js";

export const link = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@shareable", "@external", "@requires", "@provides", "@interfaceObject", "@inaccessible", "@context", "@fromContext", "@override"])\n`;

export interface SubgraphOfTest {
  readonly sdl: string;
  // Resolvers of many shapes.
  readonly resolvers: Record<string, unknown>;
}

export type Form = "text" | "value" | "mixed";

export interface Way {
  readonly form: Form;
  readonly mergeFetches: boolean;
}

export const ways: readonly Way[] = [
  { form: "text", mergeFetches: true },
  { form: "text", mergeFetches: false },
  { form: "value", mergeFetches: true },
  { form: "value", mergeFetches: false },
  { form: "mixed", mergeFetches: true },
];

export interface Answer {
  // Tests look into answers of many shapes.
  readonly data: Record<string, never> | null;
  readonly errors: readonly Reported[];
}

export interface Reported {
  readonly message: string;
  readonly path?: readonly (string | number)[];
  readonly code: unknown;
  readonly module: unknown;
}

export interface Asked {
  readonly subgraph: string;
  readonly text: string;
  readonly variables: Record<string, unknown>;
}

export class Federation {
  readonly asked: Asked[] = [];
  readonly supergraphSdl: string;
  readonly #schemas: ReadonlyMap<string, GraphQLSchema>;
  readonly #supergraph: ReturnType<typeof buildSupergraph>;
  readonly #planner: QueryPlanner;
  readonly #internals: Supergraph;
  /** Replaces what a subgraph answers. */
  answer: (call: SubgraphCall, usual: () => Promise<SubgraphAnswer>) => Promise<SubgraphAnswer> = (_, usual) => usual();

  constructor(
    readonly subgraphs: Readonly<Record<string, SubgraphOfTest>>,
    config: QueryPlannerConfig = {},
  ) {
    const sources = Object.entries(subgraphs).map(([name, { sdl }]) => ({ name, sdl: link + sdl, file: name }));
    this.supergraphSdl = compose(sources).supergraphSdl;
    this.#supergraph = buildSupergraph(this.supergraphSdl);
    this.#internals = Supergraph.build(this.supergraphSdl, { supportedFeatures: ROUTER_SUPPORTED_SUPERGRAPH_FEATURES });
    this.#planner = new QueryPlanner(this.#internals, config);
    this.#schemas = new Map(
      Object.entries(subgraphs).map(([name, { sdl, resolvers }]) => [
        name,
        buildSubgraphSchema({ typeDefs: parse(link + sdl), resolvers: resolvers as never }),
      ]),
    );
  }

  get apiSchema(): GraphQLSchema {
    return this.#supergraph.apiSchema;
  }

  plan(query: string): QueryPlan {
    const operation = operationFromDocument(this.#internals.apiSchema(), parse(query));
    return JSON.parse(JSON.stringify(this.#planner.buildQueryPlan(operation))) as QueryPlan;
  }

  compile(
    query: string,
    way: Way,
    responseNames: Record<string, string> = {},
    recordings: Recordings | null = null,
  ): Executable {
    return compileOperation({ ...this.inputOf(query, way, responseNames), recordings });
  }

  inputOf(query: string, { form, mergeFetches }: Way, responseNames: Record<string, string> = {}): CompileInput {
    const document = parse(query);
    const operation = getOperationAST(document);
    if (!operation) throw new Error("no operation");
    const [firstName] = Object.keys(this.subgraphs);
    return {
      planned: { plan: this.plan(query), text: query, responseNames },
      shown: { document, operation },
      schema: this.apiSchema,
      possibleTypes: this.#supergraph.subtypes.possibleTypes,
      isLocal: (subgraph) => form === "value" || (form === "mixed" && subgraph === firstName),
      mergeFetches,
    };
  }

  execution(
    query: string,
    variables: Record<string, unknown>,
    form: Form,
    signal = new AbortController().signal,
  ): Execution {
    const operation = getOperationAST(parse(query));
    const values = getVariableValues(this.apiSchema, operation?.variableDefinitions ?? [], variables);
    if (!values.coerced) throw new Error(values.errors.join());
    const facts: RequestFacts = { requestId: "r", actor: null, deadline: Date.now() + 10_000, signal };
    const call = (one: SubgraphCall) => this.answer(one, () => this.#call(one, form));
    return { variables: values.coerced, context: createRequestContext(facts, {}), call };
  }

  async ask(
    query: string,
    variables: Record<string, unknown> = {},
    way: Way = { form: "text", mergeFetches: true },
  ): Promise<Answer> {
    return readable(await this.compile(query, way).run(this.execution(query, variables, way.form)));
  }

  /** The answer, which is the same whichever way the operation runs. */
  async askEveryWay(query: string, variables: Record<string, unknown> = {}): Promise<Answer> {
    const [first, ...others] = await Promise.all(ways.map((way) => this.ask(query, variables, way)));
    if (!first) throw new Error("no answer");
    others.forEach(
      (other, index) => void expect(inOrder(other), JSON.stringify(ways[index + 1])).toEqual(inOrder(first)),
    );
    return first;
  }

  async partsOf(query: string, variables: Record<string, unknown>, way: Way): Promise<ReadablePart[]> {
    const parts: ReadablePart[] = [];
    const running = this.compile(query, way).runInParts(this.execution(query, variables, way.form));
    for await (const part of running) parts.push(readablePart(part));
    return parts;
  }

  async #call(call: SubgraphCall, form: Form): Promise<SubgraphAnswer> {
    const { operation } = call;
    const isLocal = form === "value" || (form === "mixed" && operation.subgraph === Object.keys(this.subgraphs)[0]);
    const { variables, text } = isLocal ? requestInProcess(call) : requestOverHttp(call);
    this.asked.push({ subgraph: operation.subgraph, text, variables });
    const schema = this.#schemas.get(operation.subgraph);
    if (!schema) throw new Error(`no subgraph ${operation.subgraph}`);
    const { data, errors } = await execute({
      schema,
      document: parse(text),
      variableValues: variables,
      contextValue: this,
    });
    if (isLocal) return { form: "value", data, ...(errors ? { errors } : {}) };
    return { form: "text", text: toJson({ data, errors }) };
  }
}

function requestInProcess({ operation, variables, representations }: SubgraphCall) {
  const lists = operation.entities.map(({ variable }, index) => [variable, representations[index]] as const);
  return { text: operation.text, variables: { ...variables, ...Object.fromEntries(lists) } };
}

function requestOverHttp(call: SubgraphCall) {
  const body = fromJson(bodyOf(call)) as { query: string; variables: Record<string, unknown> };
  return { text: body.query, variables: body.variables };
}

export type ReadablePart = Answer & {
  readonly path?: readonly (string | number)[];
  readonly label?: string;
  readonly hasNext: boolean;
};

function readablePart(part: ExecutedPart): ReadablePart {
  const { place, hasNext } = part;
  const { path, label } = place ?? {};
  return { ...readable(part), ...(path ? { path } : {}), ...(label === undefined ? {} : { label }), hasNext };
}

export function readable({ data, errors }: Executed): Answer {
  return { data: fromJson(data.text) as Answer["data"], errors: errors.map(reported) };
}

export function reported({ message, path, extensions }: GraphQLError): Reported {
  return { message, ...(path ? { path } : {}), code: extensions.code, module: extensions.module };
}

function inOrder({ data, errors }: Answer): Answer {
  const byText = (one: Reported, other: Reported) => JSON.stringify(one).localeCompare(JSON.stringify(other));
  return { data, errors: [...errors].sort(byText) };
}
