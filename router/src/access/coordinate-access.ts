/** What a field or a type needs, asked while an operation is walked. */
import {
  type GraphQLCompositeType,
  type GraphQLNamedType,
  type GraphQLSchema,
  getNamedType,
  isAbstractType,
  isInterfaceType,
} from "graphql";
import type { AccessMap } from "./access-map.js";
import type { Requirement } from "./requirement.js";

/** Requirements of selections in one schema; what is found once is kept. */
export class SchemaAccess {
  readonly #schema: GraphQLSchema;
  readonly #map: AccessMap;
  readonly #fields = new Map<string, readonly Requirement[]>();

  constructor(schema: GraphQLSchema, map: AccessMap) {
    this.#schema = schema;
    this.#map = map;
  }

  /** True when no coordinate asks for anything. */
  get isOpen(): boolean {
    return this.#map.size === 0;
  }

  /** What selecting `fieldName` on `parent` needs: the field, the type it returns, and for a root field the root type. */
  ofField(parent: GraphQLCompositeType, fieldName: string): readonly Requirement[] {
    const coordinate = `${parent.name}.${fieldName}`;
    const known = this.#fields.get(coordinate);
    if (known) return known;
    const found = [
      ...this.#own(coordinate),
      ...(this.#isRoot(parent) ? this.#own(parent.name) : []),
      ...this.#ofReturnType(parent, fieldName),
      ...this.#ofImplementations(parent, fieldName),
    ];
    this.#fields.set(coordinate, found);
    return found;
  }

  /** What a fragment on `type` needs. */
  ofType(type: GraphQLNamedType): readonly Requirement[] {
    return this.#own(type.name);
  }

  #own(coordinate: string): readonly Requirement[] {
    return this.#map.get(coordinate) ?? [];
  }

  #isRoot(type: GraphQLNamedType): boolean {
    return [this.#schema.getQueryType(), this.#schema.getMutationType(), this.#schema.getSubscriptionType()].some(
      (root) => root === type,
    );
  }

  #ofReturnType(parent: GraphQLCompositeType, fieldName: string): readonly Requirement[] {
    if (!("getFields" in parent)) return [];
    const field = parent.getFields()[fieldName];
    return field ? this.#own(getNamedType(field.type).name) : [];
  }

  /** A field of an interface shows the field of any implementation, so it needs what each of them needs. */
  #ofImplementations(parent: GraphQLCompositeType, fieldName: string): readonly Requirement[] {
    if (!isAbstractType(parent) || !isInterfaceType(parent)) return [];
    return this.#schema
      .getPossibleTypes(parent)
      .flatMap((type) => [...this.#own(type.name), ...this.#own(`${type.name}.${fieldName}`)]);
  }
}
