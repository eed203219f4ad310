/**
 * Object types for interface objects: a subgraph that declares `@interfaceObject` gives the interface's name as the type
 * of an object. Where nothing else was asked of the object that name is all there is, and graphql-js wants an object type.
 */
import { type GraphQLInterfaceType, GraphQLObjectType, GraphQLSchema, isInterfaceType } from "graphql";

export interface StandIns {
  readonly schema: GraphQLSchema;
  /** Name of an interface → name of the object type that stands in for it. */
  readonly names: ReadonlyMap<string, string>;
}

const known = new WeakMap<GraphQLSchema, StandIns>();

export function withStandIns(schema: GraphQLSchema): StandIns {
  const made = known.get(schema) ?? make(schema);
  known.set(schema, made);
  return made;
}

function make(schema: GraphQLSchema): StandIns {
  const interfaces = Object.values(schema.getTypeMap()).filter(isInterfaceType);
  const names = new Map(interfaces.map(({ name }) => [name, freeName(name, schema)]));
  const added = interfaces.map((type) => standIn(type, names.get(type.name) ?? type.name));
  const config = schema.toConfig();
  return { schema: new GraphQLSchema({ ...config, types: [...config.types, ...added], assumeValid: true }), names };
}

function standIn(type: GraphQLInterfaceType, name: string): GraphQLObjectType {
  return new GraphQLObjectType({ name, interfaces: [type, ...type.getInterfaces()], fields: type.toConfig().fields });
}

function freeName(name: string, schema: GraphQLSchema): string {
  const candidate = `${name}_`;
  return schema.getType(candidate) ? freeName(candidate, schema) : candidate;
}
