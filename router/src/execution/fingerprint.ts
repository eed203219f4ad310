/**
 * A name for everything an answer follows from besides the variables and what subgraphs say: the operation, its plan,
 * and what the schema says about both. Equal names mean equal answers, across reloads of the supergraph too.
 */
import { createHash } from "node:crypto";
import {
  type GraphQLNamedType,
  type GraphQLSchema,
  getNamedType,
  isAbstractType,
  isEnumType,
  isInterfaceType,
  isObjectType,
  print,
  TypeInfo,
  visit,
  visitWithTypeInfo,
} from "graphql";
import { interfaceObject } from "../supergraph/api-schema.js";
import type { CompileInput } from "./compile.js";
import type { ShownOperation } from "./introspection.js";
import { fetchesOf } from "./plan-steps.js";

export function fingerprintOf(input: CompileInput): string {
  const { planned, shown, schema, mergeFetches = true, possibleTypes = new Map() } = input;
  const plan = JSON.stringify(planned.plan);
  const named = [...possibleTypes].filter(([name]) => plan.includes(name)).map(([name, types]) => [name, ...types]);
  const local = fetchesOf(planned.plan.node).map(({ serviceName }) => input.isLocal(serviceName));
  const all = [plan, planned.responseNames, print(shown.document), mergeFetches, local, named, typesOf(shown, schema)];
  return createHash("sha256").update(JSON.stringify(all)).digest("base64");
}

/** The types of every field of an operation, and what they stand for; sorted, because only the facts count. */
function typesOf({ document }: ShownOperation, schema: GraphQLSchema): string[] {
  const facts = new Set<string>();
  const types = new TypeInfo(schema);
  const addType = (type: GraphQLNamedType) => facts.add(factOf(type, schema));
  const addField = (parent: GraphQLNamedType, name: string) => {
    const field = isObjectType(parent) || isInterfaceType(parent) ? parent.getFields()[name] : undefined;
    if (!field) return;
    facts.add(`${parent.name}.${name}: ${field.type}`);
    addType(getNamedType(field.type));
  };
  const visitor = visitWithTypeInfo(types, {
    Field({ name }) {
      const parent = types.getParentType();
      if (!parent) return;
      addType(parent);
      addField(parent, name.value);
      // An object type may promise more than its interface.
      if (isAbstractType(parent)) for (const one of schema.getPossibleTypes(parent)) addField(one, name.value);
    },
    FragmentDefinition: ({ typeCondition }) => addCondition(typeCondition.name.value),
    InlineFragment: ({ typeCondition }) => addCondition(typeCondition?.name.value),
  });
  const addCondition = (name: string | undefined) => {
    const type = name === undefined ? undefined : schema.getType(name);
    if (type) addType(type);
  };
  visit(document, visitor);
  return [...facts].sort();
}

function factOf(type: GraphQLNamedType, schema: GraphQLSchema): string {
  if (isEnumType(type)) return `${type} = ${type.getValues().map(({ name }) => name)}`;
  if (!isAbstractType(type)) return `${type.constructor.name} ${type}`;
  const isInterfaceObject = type.extensions[interfaceObject] === true;
  return `${type} = ${schema.getPossibleTypes(type)}${isInterfaceObject ? " or itself" : ""}`;
}
