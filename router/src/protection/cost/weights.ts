/** What a selection, an argument and a list count for, of `@cost`, `@listSize` and the defaults. */
import {
  type GraphQLArgument,
  type GraphQLCompositeType,
  type GraphQLField,
  type GraphQLInputType,
  type GraphQLNamedType,
  type GraphQLSchema,
  getNamedType,
  isAbstractType,
  isCompositeType,
  isInputObjectType,
  isListType,
  isNonNullType,
} from "graphql";
import type { Demand, ListSize } from "../../supergraph/demand.js";

/** What a mutation counts for besides its fields, as in Apollo's demand control. */
export const mutationCost = 10;

export class Weights {
  constructor(
    private readonly schema: GraphQLSchema,
    private readonly demand: Demand,
  ) {}

  /** One value of a field: its own weight, else that of its type, else 1 for an object and 0 for a leaf. */
  ofField(parent: GraphQLCompositeType, field: GraphQLField<unknown, unknown>): number {
    const own = this.#ofCoordinate(parent, field.name);
    return own ?? this.#ofType(getNamedType(field.type));
  }

  listSize(parent: GraphQLCompositeType, field: string): ListSize | undefined {
    return this.#names(parent).reduce<ListSize | undefined>(
      (found, type) => found ?? this.demand.listSizes.get(`${type}.${field}`),
      undefined,
    );
  }

  /** Whether no value of an argument costs anything. */
  isFree(parent: GraphQLCompositeType, field: string, argument: GraphQLArgument): boolean {
    const type = getNamedType(argument.type);
    const own = this.#ofCoordinate(parent, `${field}(${argument.name}:)`) ?? this.demand.weights.get(type.name);
    return !isInputObjectType(type) && (own ?? 0) === 0;
  }

  /** A value given to an argument of a field. */
  ofArgument(parent: GraphQLCompositeType, field: string, argument: GraphQLArgument, value: unknown): number {
    const own = this.#ofCoordinate(parent, `${field}(${argument.name}:)`);
    return this.#ofInput(argument.type, value, own);
  }

  #ofInput(type: GraphQLInputType, value: unknown, weight: number | undefined): number {
    if (value === null || value === undefined) return 0;
    if (isNonNullType(type)) return this.#ofInput(type.ofType, value, weight);
    if (isListType(type)) {
      const items = Array.isArray(value) ? (value as unknown[]) : [value];
      return items.reduce<number>((sum, item) => sum + this.#ofInput(type.ofType, item, weight), weight ?? 0);
    }
    const own = weight ?? this.demand.weights.get(type.name);
    if (!isInputObjectType(type)) return own ?? 0;
    const given = value as Readonly<Record<string, unknown>>;
    return Object.values(type.getFields()).reduce(
      (sum, one) => sum + this.#ofInput(one.type, given[one.name], this.demand.weights.get(`${type.name}.${one.name}`)),
      own ?? 1,
    );
  }

  #ofCoordinate(parent: GraphQLCompositeType, member: string): number | undefined {
    return this.#largest(parent, (type) => this.demand.weights.get(`${type}.${member}`));
  }

  #ofType(type: GraphQLNamedType): number {
    if (!isCompositeType(type)) return this.demand.weights.get(type.name) ?? 0;
    return this.#largest(type, (name) => this.demand.weights.get(name)) ?? 1;
  }

  /** Of an abstract type itself, else the most that any of its objects has. */
  #largest(type: GraphQLCompositeType, weightOf: (typeName: string) => number | undefined): number | undefined {
    const [own, ...objects] = this.#names(type).map(weightOf);
    if (own !== undefined) return own;
    const found = objects.filter((weight) => weight !== undefined);
    return found.length > 0 ? Math.max(...found) : undefined;
  }

  #names(type: GraphQLCompositeType): string[] {
    return [type.name, ...(isAbstractType(type) ? this.schema.getPossibleTypes(type).map(({ name }) => name) : [])];
  }
}
