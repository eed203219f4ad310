/** A supergraph of subgraphs that answer with generated data. */
import { buildSubgraphSchema } from "@apollo/subgraph";
import {
  type DocumentNode,
  type ExecutionResult,
  execute,
  type GraphQLSchema,
  Kind,
  parse,
  type TypeNode,
  visit,
} from "graphql";
import { compose } from "../../src/composition/compose.js";
import { buildSupergraph } from "../../src/supergraph/supergraph.js";
import { type DataOptions, generateResolvers } from "./generated-data.js";

export interface WorldSource {
  readonly name: string;
  /** Subgraph → SDL without its `@link`, which every subgraph gets. */
  readonly subgraphs: Readonly<Record<string, string>>;
  /** Fields that conflict when they are asked together, one being required with other arguments by the other. */
  readonly requiresArguments?: readonly string[];
  readonly hasInterfaceObjects?: boolean;
}

export interface World {
  readonly name: string;
  readonly supergraphSdl: string;
  /** What clients see. */
  readonly schema: GraphQLSchema;
  ask(subgraph: string, request: SubgraphQuestion): Promise<ExecutionResult>;
}

export interface SubgraphQuestion {
  readonly query: string;
  readonly operationName?: string | undefined;
  readonly variables?: Readonly<Record<string, unknown>> | undefined;
}

export interface WorldOptions extends DataOptions {
  /** Subgraphs may answer null where their schema forbids it, as a broken one would. */
  readonly broken?: boolean;
}

const imports = [
  "@key",
  "@shareable",
  "@external",
  "@requires",
  "@provides",
  "@override",
  "@interfaceObject",
  "@inaccessible",
];
const link = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ${JSON.stringify(imports)})\n`;

export function createWorld({ name, subgraphs }: WorldSource, options: WorldOptions): World {
  const sources = Object.entries(subgraphs).map(([subgraph, sdl]) => ({
    name: subgraph,
    sdl: link + sdl,
    file: `${subgraph}.graphql`,
    url: `http://${subgraph}`,
  }));
  const { supergraphSdl } = compose(sources);
  const schemas = new Map(sources.map((source) => [source.name, executable(source.name, parse(source.sdl), options)]));
  return {
    name,
    supergraphSdl,
    schema: buildSupergraph(supergraphSdl, { defer: false }).apiSchema,
    async ask(subgraph, { query, operationName, variables }) {
      const schema = schemas.get(subgraph);
      if (!schema) throw new Error(`There is no subgraph ${subgraph}.`);
      const args = { schema, document: parse(query), variableValues: { ...variables } };
      return execute(operationName ? { ...args, operationName } : args);
    },
  };
}

function executable(name: string, document: DocumentNode, options: WorldOptions): GraphQLSchema {
  const resolvers = generateResolvers(name, document, options);
  const typeDefs = options.broken ? withoutPromises(document) : document;
  return buildSubgraphSchema({ typeDefs, resolvers: resolvers as never });
}

/** No output is non-null any more, keys excepted: an entity that does not know itself helps nobody. */
function withoutPromises(document: DocumentNode): DocumentNode {
  return visit(document, {
    FieldDefinition(node) {
      const isKey = node.type.kind === Kind.NON_NULL_TYPE && ["id", "upc", "sku"].includes(node.name.value);
      return isKey ? undefined : { ...node, type: nullable(node.type) };
    },
  });
}

function nullable(type: TypeNode): TypeNode {
  if (type.kind === Kind.NON_NULL_TYPE) return nullable(type.type);
  return type.kind === Kind.LIST_TYPE ? { ...type, type: nullable(type.type) } : type;
}
