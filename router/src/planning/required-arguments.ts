/**
 * The planner knows a field by its response name and takes `price(currency: "USD")` for the same as
 * `price(currency: "EUR")`, so what `@requires` asks for with arguments mixes with what clients ask for and with what other
 * fields require. Here each such field with its arguments becomes a field of its own, which only the planner sees:
 *
 *     price(currency: Currency!): Int                  →   the same, and _required0_price: Int
 *     @join__field(requires: "price(currency: USD)")   →   @join__field(requires: "_required0_price")
 *
 * `restore-arguments.ts` turns it back into the field in every plan.
 */
import {
  type ConstDirectiveNode,
  type DocumentNode,
  type FieldDefinitionNode,
  type FieldNode,
  type InterfaceTypeDefinitionNode,
  Kind,
  type ObjectTypeDefinitionNode,
  parse,
  print,
  type SelectionNode,
  type SelectionSetNode,
  type TypeNode,
  visit,
} from "graphql";

/** A field that is required with arguments, or without them where others require it with some. */
export interface RequiredField {
  /** As the subgraph that has it knows it. */
  readonly field: string;
  readonly arguments: FieldNode["arguments"];
}

export interface RequiredFields {
  /** Name for the planner → what it stands for. */
  readonly byName: ReadonlyMap<string, RequiredField>;
  /** `GRAPH Type.field` of fields with such requirements → the names they require. */
  readonly byRequirer: ReadonlyMap<string, ReadonlySet<string>>;
}

export interface Rewritten {
  readonly supergraph: DocumentNode;
  readonly required: RequiredFields;
}

type FieldsType = ObjectTypeDefinitionNode | InterfaceTypeDefinitionNode;

export const requiredPrefix = "_required";

export function requirerKey(graph: string, type: string, field: string): string {
  return `${graph} ${type}.${field}`;
}

export function separateRequiredArguments(supergraph: DocumentNode, joinField: string): Rewritten {
  const separation = new Separation(supergraph, joinField);
  return { supergraph: separation.run(), required: separation };
}

class Separation implements RequiredFields {
  readonly byName = new Map<string, RequiredField>();
  readonly byRequirer = new Map<string, Set<string>>();
  readonly #supergraph: DocumentNode;
  readonly #joinField: string;
  readonly #types: ReadonlyMap<string, FieldsType>;
  /** `field(arguments)` → the name for the planner. */
  readonly #names = new Map<string, string>();
  /** Names of fields that are required with arguments somewhere, so that every requirement of them has to be told apart. */
  readonly #varying = new Set<string>();
  /** Type → names of fields it gets, with the field each is a copy of. */
  readonly #added = new Map<string, Map<string, string>>();

  constructor(supergraph: DocumentNode, joinField: string) {
    this.#supergraph = supergraph;
    this.#joinField = joinField;
    this.#types = new Map(supergraph.definitions.flatMap((one) => (hasFields(one) ? [[one.name.value, one]] : [])));
  }

  run(): DocumentNode {
    this.#findVarying();
    if (this.#varying.size === 0) return this.#supergraph;
    const rewritten = this.#supergraph.definitions.map((one) => (hasFields(one) ? this.#rewriteType(one) : one));
    const definitions = rewritten.map((one) => (hasFields(one) ? this.#withCopies(one) : one));
    return { ...this.#supergraph, definitions };
  }

  #findVarying(): void {
    for (const { fields = [] } of this.#types.values()) {
      for (const requires of fields.flatMap((field) => (field.directives ?? []).map((one) => this.#requiresOf(one)))) {
        if (!requires?.includes("(")) continue;
        visit(parseSelections(requires), {
          Field: ({ name, arguments: given = [] }) => {
            if (given.length > 0) this.#varying.add(name.value);
          },
        });
      }
    }
  }

  #rewriteType(type: FieldsType): FieldsType {
    return { ...type, fields: (type.fields ?? []).map((field) => this.#rewriteField(type.name.value, field)) };
  }

  #rewriteField(type: string, field: FieldDefinitionNode): FieldDefinitionNode {
    const directives = (field.directives ?? []).map((directive) => {
      const requires = this.#requiresOf(directive);
      if (requires === undefined) return directive;
      const found = new Set<string>();
      const set = this.#rewriteSelections(parseSelections(requires), type, found);
      if (found.size === 0) return directive;
      this.byRequirer.set(requirerKey(graphOf(directive), type, field.name.value), found);
      return withArgument(directive, "requires", set.selections.map(print).join(" "));
    });
    return { ...field, directives };
  }

  #rewriteSelections(set: SelectionSetNode, type: string, found: Set<string>): SelectionSetNode {
    return { ...set, selections: set.selections.map((one) => this.#rewriteSelection(one, type, found)) };
  }

  #rewriteSelection(selection: SelectionNode, type: string, found: Set<string>): SelectionNode {
    if (selection.kind === Kind.FRAGMENT_SPREAD) return selection;
    if (selection.kind === Kind.INLINE_FRAGMENT) {
      const on = selection.typeCondition?.name.value ?? type;
      return { ...selection, selectionSet: this.#rewriteSelections(selection.selectionSet, on, found) };
    }
    const below = this.#typeOf(type, selection.name.value);
    const { selectionSet } = selection;
    const inner = selectionSet ? { selectionSet: this.#rewriteSelections(selectionSet, below, found) } : {};
    if (!this.#varying.has(selection.name.value)) return { ...selection, ...inner };
    const name = this.#nameFor(selection);
    found.add(name);
    this.#add(type, name, selection.name.value);
    return { ...selection, ...inner, name: { kind: Kind.NAME, value: name }, arguments: [] };
  }

  #nameFor(field: FieldNode): string {
    const inOrder = [...(field.arguments ?? [])].sort((a, b) => (a.name.value < b.name.value ? -1 : 1));
    const key = `${field.name.value}(${inOrder.map(print).join(", ")})`;
    const known = this.#names.get(key);
    if (known !== undefined) return known;
    const name = `${requiredPrefix}${this.#names.size}_${field.name.value}`;
    this.#names.set(key, name);
    this.byName.set(name, { field: field.name.value, arguments: inOrder });
    return name;
  }

  /** A field of an interface is one of every type that implements it. */
  #add(type: string, name: string, copyOf: string): void {
    const added = this.#added.get(type) ?? new Map<string, string>();
    this.#added.set(type, added.set(name, copyOf));
    if (this.#types.get(type)?.kind !== Kind.INTERFACE_TYPE_DEFINITION) return;
    for (const [below, { interfaces = [] }] of this.#types) {
      if (!interfaces.some((one) => one.name.value === type)) continue;
      this.#added.set(below, (this.#added.get(below) ?? new Map<string, string>()).set(name, copyOf));
    }
  }

  #withCopies(type: FieldsType): FieldsType {
    const added = this.#added.get(type.name.value);
    if (!added) return type;
    const copies = [...added].flatMap(([name, copyOf]) => {
      const field = type.fields?.find((one) => one.name.value === copyOf);
      return field ? [this.#copy(type.name.value, field, name)] : [];
    });
    return { ...type, fields: [...(type.fields ?? []), ...copies] };
  }

  #copy(type: string, field: FieldDefinitionNode, name: string): FieldDefinitionNode {
    const directives = (field.directives ?? []).filter((one) => one.name.value === this.#joinField);
    for (const directive of directives) {
      const required = this.byRequirer.get(requirerKey(graphOf(directive), type, field.name.value));
      if (required) this.byRequirer.set(requirerKey(graphOf(directive), type, name), required);
    }
    const { kind, type: fieldType } = field;
    return { kind, type: fieldType, name: { kind: Kind.NAME, value: name }, arguments: [], directives };
  }

  #requiresOf(directive: ConstDirectiveNode): string | undefined {
    return directive.name.value === this.#joinField ? stringArgument(directive, "requires") : undefined;
  }

  #typeOf(type: string, field: string): string {
    const definition = this.#types.get(type)?.fields?.find((one) => one.name.value === field);
    return definition ? nameOf(definition.type) : "";
  }
}

function hasFields(definition: { readonly kind: string }): definition is FieldsType {
  return definition.kind === Kind.OBJECT_TYPE_DEFINITION || definition.kind === Kind.INTERFACE_TYPE_DEFINITION;
}

function parseSelections(fieldSet: string): SelectionSetNode {
  const [operation] = parse(`{${fieldSet}}`, { noLocation: true }).definitions;
  if (operation?.kind !== Kind.OPERATION_DEFINITION) throw new TypeError(`not a field set: ${fieldSet}`);
  return operation.selectionSet;
}

/** The name of the subgraph in the enum `join__Graph`. */
function graphOf(directive: ConstDirectiveNode): string {
  const value = directive.arguments?.find(({ name }) => name.value === "graph")?.value;
  return value?.kind === Kind.ENUM ? value.value : "";
}

function stringArgument(directive: ConstDirectiveNode, name: string): string | undefined {
  const value = directive.arguments?.find((argument) => argument.name.value === name)?.value;
  return value?.kind === Kind.STRING ? value.value : undefined;
}

function withArgument(directive: ConstDirectiveNode, name: string, value: string): ConstDirectiveNode {
  const changed = directive.arguments?.map((argument) =>
    argument.name.value === name ? { ...argument, value: { kind: Kind.STRING as const, value } } : argument,
  );
  return { ...directive, arguments: changed ?? [] };
}

function nameOf(type: TypeNode): string {
  return type.kind === Kind.NAMED_TYPE ? type.name.value : nameOf(type.type);
}
