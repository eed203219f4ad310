/** What an answer has cost: the same sum over the lists as they came out, each field of the answer counted once. */
import {
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLCompositeType,
  type GraphQLSchema,
  getNamedType,
  isCompositeType,
  Kind,
  type OperationDefinitionNode,
  type SelectionSetNode,
  valueFromAST,
} from "graphql";
import { fragmentsOf } from "../../access/filter-operation.js";
import type { Variables } from "./list-length.js";
import { mutationCost, type Weights } from "./weights.js";

/** Costs of an operation's answers. `data` is plain data by response key; a key that is not there costs nothing. */
export type ActualCost = (data: unknown, variables: Variables) => number;

interface AnswerField {
  weight: number;
  argumentsCost: (variables: Variables) => number;
  readonly selections: Selected[];
  fields?: ReadonlyMap<string, AnswerField>;
}

interface Selected {
  readonly set: SelectionSetNode;
  readonly parent: GraphQLCompositeType;
}

/** Fields are worked out when an answer first has them. */
export function compileActualCost(
  { document, operation }: { readonly document: DocumentNode; readonly operation: OperationDefinitionNode },
  schema: GraphQLSchema,
  weights: Weights,
): ActualCost {
  const collector = new Collector(schema, fragmentsOf(document), weights);
  const root = schema.getRootType(operation.operation);
  const fields = root ? collector.fieldsOf([{ set: operation.selectionSet, parent: root }]) : new Map();
  const base = operation.operation === "mutation" ? mutationCost : 0;

  function ofObject(object: Variables, known: ReadonlyMap<string, AnswerField>, variables: Variables): number {
    let total = 0;
    for (const [key, field] of known) {
      if (object[key] !== undefined) total += field.argumentsCost(variables) + ofValue(object[key], field, variables);
    }
    return total;
  }

  function ofValue(value: unknown, field: AnswerField, variables: Variables): number {
    if (Array.isArray(value)) return value.reduce<number>((sum, item) => sum + ofValue(item, field, variables), 0);
    if (value === null || typeof value !== "object" || field.selections.length === 0) return field.weight;
    field.fields ??= collector.fieldsOf(field.selections);
    return field.weight + ofObject(value as Variables, field.fields, variables);
  }

  return (data, variables) =>
    Math.max(
      0,
      base + (typeof data === "object" && data !== null ? ofObject(data as Variables, fields, variables) : 0),
    );
}

class Collector {
  constructor(
    private readonly schema: GraphQLSchema,
    private readonly fragments: ReadonlyMap<string, FragmentDefinitionNode>,
    private readonly weights: Weights,
  ) {}

  /** By response key; where types differ in what they put there, the dearest counts. */
  fieldsOf(selections: readonly Selected[]): ReadonlyMap<string, AnswerField> {
    const found = new Map<string, AnswerField>();
    const seen = new Set<string>();
    for (const { set, parent } of selections) this.#collect(set, parent, found, seen);
    return found;
  }

  #collect(
    set: SelectionSetNode,
    parent: GraphQLCompositeType,
    found: Map<string, AnswerField>,
    seen: Set<string>,
  ): void {
    for (const selection of set.selections) {
      if (selection.kind === Kind.FIELD) {
        this.#add(selection, parent, found);
      } else if (selection.kind === Kind.INLINE_FRAGMENT) {
        const type = this.#type(selection.typeCondition?.name.value) ?? parent;
        this.#collect(selection.selectionSet, type, found, seen);
      } else if (!seen.has(selection.name.value)) {
        seen.add(selection.name.value);
        const fragment = this.fragments.get(selection.name.value);
        const type = this.#type(fragment?.typeCondition.name.value);
        if (fragment && type) this.#collect(fragment.selectionSet, type, found, seen);
      }
    }
  }

  #add(node: FieldNode, parent: GraphQLCompositeType, found: Map<string, AnswerField>): void {
    const field = "getFields" in parent ? parent.getFields()[node.name.value] : undefined;
    if (!field) return;
    const type = getNamedType(field.type);
    const weight = this.weights.ofField(parent, field);
    const key = node.alias?.value ?? node.name.value;
    const known = found.get(key) ?? { weight, argumentsCost: this.#argumentsCost(node, parent), selections: [] };
    known.weight = Math.max(known.weight, weight);
    if (node.selectionSet && isCompositeType(type)) known.selections.push({ set: node.selectionSet, parent: type });
    found.set(key, known);
  }

  #argumentsCost(node: FieldNode, parent: GraphQLCompositeType): (variables: Variables) => number {
    const field = "getFields" in parent ? parent.getFields()[node.name.value] : undefined;
    const given = (node.arguments ?? []).flatMap(({ name, value }) => {
      const definition = field?.args.find((argument) => argument.name === name.value);
      return definition ? [{ definition, value }] : [];
    });
    if (given.length === 0) return () => 0;
    return (variables) =>
      given.reduce((sum, { definition, value }) => {
        const coerced = valueFromAST(value, definition.type, variables);
        return sum + this.weights.ofArgument(parent, node.name.value, definition, coerced);
      }, 0);
  }

  #type(name: string | undefined): GraphQLCompositeType | undefined {
    const type = name === undefined ? undefined : this.schema.getType(name);
    return isCompositeType(type) ? type : undefined;
  }
}
