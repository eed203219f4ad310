/**
 * What an operation may cost, by the GraphQL Cost Directives specification (https://ibm.github.io/graphql-specs/cost-spec.html)
 * as Apollo Router reads it (https://www.apollographql.com/docs/graphos/routing/security/demand-control): a field costs
 * its length as a list times the sum of its weight and its selections, plus its arguments; a mutation costs 10 more.
 * What no variable can change is summed up when the operation is compiled.
 */
import {
  type DirectiveNode,
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLCompositeType,
  type GraphQLSchema,
  getNamedType,
  getNullableType,
  isCompositeType,
  isListType,
  Kind,
  type OperationDefinitionNode,
  type SelectionNode,
  type SelectionSetNode,
  type ValueNode,
  valueFromAST,
} from "graphql";
import { fragmentsOf } from "../../access/filter-operation.js";
import type { ListSize } from "../../supergraph/demand.js";
import { compileSlicing, type Variables } from "./list-length.js";
import { mutationCost, type Weights } from "./weights.js";

/** A number, or one that depends on the variables of a request. */
export type Cost = number | ((variables: Variables) => number);

/** A field of which the schema wants exactly one slicing argument, and how many a request gives. */
export interface SlicingRule {
  readonly coordinate: string;
  readonly names: readonly string[];
  readonly given: Cost;
}

export interface CompiledCost {
  readonly cost: Cost;
  readonly slicingRules: readonly SlicingRule[];
}

export interface CostSetting {
  readonly schema: GraphQLSchema;
  readonly weights: Weights;
  /** Length of a list that has no `@listSize`. */
  readonly defaultListSize: number;
}

export function compileCost(
  { document, operation }: { readonly document: DocumentNode; readonly operation: OperationDefinitionNode },
  setting: CostSetting,
): CompiledCost {
  const compiler = new Compiler(fragmentsOf(document), setting);
  const root = setting.schema.getRootType(operation.operation);
  const fields = root ? compiler.ofSet(operation.selectionSet, root, null) : 0;
  return { cost: sum([operation.operation === "mutation" ? mutationCost : 0, fields]), slicingRules: compiler.rules };
}

export function costWith(cost: Cost, variables: Variables): number {
  return typeof cost === "number" ? cost : cost(variables);
}

/** The lists below a field that its `@listSize(sizedFields:)` gives a length to, each by the fields that lead to it. */
interface Sized {
  readonly paths: readonly (readonly string[])[];
  readonly length: Cost | null;
}

class Compiler {
  readonly rules: SlicingRule[] = [];
  readonly #fragments = new Map<Sized | null, Map<string, Cost>>();

  constructor(
    private readonly definitions: ReadonlyMap<string, FragmentDefinitionNode>,
    private readonly setting: CostSetting,
  ) {}

  ofSet(set: SelectionSetNode | undefined, parent: GraphQLCompositeType, sized: Sized | null): Cost {
    return sum((set?.selections ?? []).map((selection) => this.#ofSelection(selection, parent, sized)));
  }

  #ofSelection(selection: SelectionNode, parent: GraphQLCompositeType, sized: Sized | null): Cost {
    const cost =
      selection.kind === Kind.FIELD
        ? this.#ofField(selection, parent, sized)
        : this.#ofFragment(selection, parent, sized);
    return (selection.directives ?? []).reduce(underCondition, cost);
  }

  #ofFragment(selection: Exclude<SelectionNode, FieldNode>, parent: GraphQLCompositeType, sized: Sized | null): Cost {
    if (selection.kind === Kind.INLINE_FRAGMENT) {
      return this.ofSet(selection.selectionSet, this.#type(selection.typeCondition?.name.value) ?? parent, sized);
    }
    const name = selection.name.value;
    const known = this.#fragments.get(sized) ?? new Map<string, Cost>();
    this.#fragments.set(sized, known);
    const definition = this.definitions.get(name);
    const type = this.#type(definition?.typeCondition.name.value) ?? parent;
    const cost = known.get(name) ?? shared(this.ofSet(definition?.selectionSet, type, sized));
    known.set(name, cost);
    return cost;
  }

  #ofField(node: FieldNode, parent: GraphQLCompositeType, sized: Sized | null): Cost {
    const name = node.name.value;
    const field = "getFields" in parent ? parent.getFields()[name] : undefined;
    if (!field || name.startsWith("__")) return 0;
    const { weights, defaultListSize } = this.setting;
    const listSize = weights.listSize(parent, name);
    const length = listSize ? this.#length(listSize, node, parent) : null;
    const type = getNamedType(field.type);
    const inner = isCompositeType(type)
      ? this.ofSet(node.selectionSet, type, sizedBy(listSize, length) ?? below(sized, name))
      : 0;
    const each = sum([weights.ofField(parent, field), inner]);
    const given = sized?.paths.some((path) => path.length === 1 && path[0] === name) ? sized.length : null;
    const count = isListType(getNullableType(field.type)) ? (given ?? length ?? defaultListSize) : 1;
    // Weights below zero make something cheaper, but nothing is paid back.
    return atLeastNothing(sum([times(count, each), ...this.#arguments(node, parent)]));
  }

  #length(listSize: ListSize, node: FieldNode, parent: GraphQLCompositeType): Cost | null {
    const field = "getFields" in parent ? parent.getFields()[node.name.value] : undefined;
    if (!field) return null;
    const { slicingArguments: names, requireOneSlicingArgument } = listSize;
    const arguments_ = (node.arguments ?? []).filter(({ name }) =>
      names.some((path) => path.split(".")[0] === name.value),
    );
    const isFixed = !arguments_.some(({ value }) => hasVariable(value));
    const slicing = onceEach(compileSlicing(listSize, node, field));
    if (requireOneSlicingArgument && names.length > 0) {
      const given: Cost = isFixed ? slicing({}).given : (variables) => slicing(variables).given;
      this.rules.push({ coordinate: `${parent.name}.${field.name}`, names, given });
    }
    if (isFixed) return slicing({}).size;
    return (variables) => slicing(variables).size ?? this.setting.defaultListSize;
  }

  #arguments(node: FieldNode, parent: GraphQLCompositeType): Cost[] {
    const field = "getFields" in parent ? parent.getFields()[node.name.value] : undefined;
    return (node.arguments ?? []).map(({ name, value }): Cost => {
      const definition = field?.args.find((argument) => argument.name === name.value);
      if (!definition || this.setting.weights.isFree(parent, node.name.value, definition)) return 0;
      const cost = (variables: Variables) =>
        this.setting.weights.ofArgument(
          parent,
          node.name.value,
          definition,
          valueFromAST(value, definition.type, variables),
        );
      return hasVariable(value) ? cost : cost({});
    });
  }

  #type(name: string | undefined): GraphQLCompositeType | undefined {
    const type = name === undefined ? undefined : this.setting.schema.getType(name);
    return isCompositeType(type) ? type : undefined;
  }
}

function sizedBy(listSize: ListSize | undefined, length: Cost | null): Sized | null {
  if (!listSize || listSize.sizedFields.length === 0) return null;
  return { paths: listSize.sizedFields.map((field) => field.match(/\w+/g) ?? []), length };
}

/** What is left of longer paths, such as `results { page }`, within their first field. */
function below(sized: Sized | null, name: string): Sized | null {
  const paths = sized?.paths.filter(([first]) => first === name).map(([, ...rest]) => rest) ?? [];
  const longer = paths.filter((path) => path.length > 0);
  return sized && longer.length > 0 ? { paths: longer, length: sized.length } : null;
}

function sum(costs: readonly Cost[]): Cost {
  const fixed = costs.reduce<number>((total, cost) => total + (typeof cost === "number" ? cost : 0), 0);
  const open = costs.filter((cost) => typeof cost === "function");
  if (open.length === 0) return fixed;
  return (variables) => open.reduce((total, cost) => total + cost(variables), fixed);
}

/** Evaluated once for the variables of one request, however often it is asked for. */
function onceEach<Value>(evaluate: (variables: Variables) => Value): (variables: Variables) => Value {
  let last: { readonly variables: Variables; readonly value: Value } | null = null;
  return (variables) => {
    if (last?.variables !== variables) last = { variables, value: evaluate(variables) };
    return last.value;
  };
}

function shared(cost: Cost): Cost {
  return typeof cost === "number" ? cost : onceEach(cost);
}

function times(one: Cost, other: Cost): Cost {
  if (typeof one === "number" && typeof other === "number") return one * other;
  return (variables) => costWith(one, variables) * costWith(other, variables);
}

function atLeastNothing(cost: Cost): Cost {
  return typeof cost === "number" ? Math.max(0, cost) : (variables) => Math.max(0, cost(variables));
}

function underCondition(cost: Cost, directive: DirectiveNode): Cost {
  const name = directive.name.value;
  if (cost === 0 || (name !== "skip" && name !== "include")) return cost;
  const value = directive.arguments?.find((argument) => argument.name.value === "if")?.value;
  const wanted = name === "include";
  if (value?.kind === Kind.BOOLEAN) return value.value === wanted ? cost : 0;
  if (value?.kind !== Kind.VARIABLE) return cost;
  const variable = value.name.value;
  return (variables) => (variables[variable] === wanted ? costWith(cost, variables) : 0);
}

function hasVariable(value: ValueNode): boolean {
  if (value.kind === Kind.VARIABLE) return true;
  if (value.kind === Kind.LIST) return value.values.some(hasVariable);
  return value.kind === Kind.OBJECT && value.fields.some((field) => hasVariable(field.value));
}
