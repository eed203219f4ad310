/**
 * A random operation over any schema. It is drawn from a list of numbers: a shorter list, or smaller numbers, mean a
 * simpler operation, so fast-check shrinks a failure to something a person can read.
 */
import {
  type GraphQLArgument,
  type GraphQLCompositeType,
  type GraphQLField,
  type GraphQLInputType,
  type GraphQLNamedType,
  type GraphQLSchema,
  getNamedType,
  getNullableType,
  isAbstractType,
  isCompositeType,
  isEnumType,
  isInputObjectType,
  isListType,
  isNonNullType,
  isUnionType,
} from "graphql";

export interface DrawnOperation {
  readonly query: string;
  readonly variables: Record<string, unknown>;
}

const deepest = 4;
const mostFields = 40;

export function drawOperation(schema: GraphQLSchema, choices: readonly number[]): DrawnOperation {
  return new Draft(schema, choices).draw();
}

class Draft {
  readonly #schema: GraphQLSchema;
  readonly #choices: readonly number[];
  #at = 0;
  #fields = 0;
  readonly #definitions: string[] = [];
  readonly #variables: Record<string, unknown> = {};
  readonly #fragments: { readonly name: string; readonly type: string; readonly text: string }[] = [];

  constructor(schema: GraphQLSchema, choices: readonly number[]) {
    this.#schema = schema;
    this.#choices = choices;
  }

  draw(): DrawnOperation {
    const query = this.#schema.getQueryType();
    if (!query) throw new Error("A schema has queries.");
    const selections = this.#selections(query, deepest);
    const definitions = this.#definitions.length > 0 ? `(${this.#definitions.join(", ")})` : "";
    const fragments = this.#fragments.map(({ name, type, text }) => `fragment ${name} on ${type} ${text}`);
    return { query: [`query Q${definitions} ${selections}`, ...fragments].join("\n"), variables: this.#variables };
  }

  /** 0 once the numbers are used up. */
  #below(count: number): number {
    const choice = this.#choices[this.#at++] ?? 0;
    return choice % count;
  }

  #chance(percent: number): boolean {
    return this.#below(100) >= 100 - percent;
  }

  #pick<Item>(items: readonly Item[]): Item {
    return items[this.#below(items.length)] as Item;
  }

  #selections(type: GraphQLCompositeType, depth: number): string {
    const count = 1 + this.#below(4);
    return `{ ${Array.from({ length: count }, () => this.#selection(type, depth)).join(" ")} }`;
  }

  #selection(type: GraphQLCompositeType, depth: number): string {
    if (isUnionType(type) || (isAbstractType(type) && this.#chance(40)))
      return this.#fragmentOnPossibleType(type, depth);
    if (this.#chance(8)) return this.#fragment(type, type, depth);
    if (this.#chance(6)) return this.#namedFragment(type, depth);
    return this.#field(type, depth);
  }

  #fragmentOnPossibleType(type: GraphQLCompositeType, depth: number): string {
    if (this.#chance(15)) return "__typename";
    const possible = isAbstractType(type) ? this.#schema.getPossibleTypes(type) : [type];
    const chosen = this.#pick(possible);
    const interfaces = "getInterfaces" in chosen ? chosen.getInterfaces() : [];
    const condition = interfaces.length > 0 && this.#chance(20) ? this.#pick(interfaces) : chosen;
    return this.#fragment(condition, type, depth);
  }

  #fragment(condition: GraphQLCompositeType, parent: GraphQLCompositeType, depth: number): string {
    const on = condition === parent && this.#chance(30) ? "" : ` on ${condition.name}`;
    return `...${on}${this.#directive()} ${this.#selections(condition, depth - 1)}`;
  }

  #namedFragment(type: GraphQLCompositeType, depth: number): string {
    const known = this.#fragments.find((fragment) => fragment.type === type.name);
    if (known && this.#chance(60)) return `...${known.name}${this.#directive()}`;
    const text = this.#selections(type, depth - 1);
    const name = `F${this.#fragments.length}`;
    this.#fragments.push({ name, type: type.name, text });
    return `...${name}${this.#directive()}`;
  }

  #field(type: GraphQLCompositeType, depth: number): string {
    this.#fields += 1;
    const fields = isUnionType(type) ? [] : Object.values(type.getFields());
    const goesOn = depth > 0 && this.#fields < mostFields;
    const possible = goesOn ? fields : fields.filter((field) => !isCompositeType(getNamedType(field.type)));
    if (possible.length === 0 || this.#chance(6)) return "__typename";
    const field = this.#pick(possible);
    const named: GraphQLNamedType = getNamedType(field.type);
    const selections = isCompositeType(named) ? ` ${this.#selections(named, depth - 1)}` : "";
    const args = this.#arguments(field);
    return `${this.#alias(field, args)}${field.name}${args}${this.#directive()}${selections}`;
  }

  /** Equal arguments give equal aliases, so that most operations are free of conflicts; the others are not asked. */
  #alias(field: GraphQLField<unknown, unknown>, args: string): string {
    if (args !== "" && !this.#chance(20)) return `${field.name}_${args.replaceAll(/\W+/g, "_")}: `;
    return this.#chance(12) ? `${field.name.slice(0, 2)}_${this.#below(3)}: ` : "";
  }

  #arguments(field: GraphQLField<unknown, unknown>): string {
    const given = field.args.filter((argument) => isRequired(argument) || this.#chance(60));
    if (given.length === 0) return "";
    return `(${given.map((argument) => `${argument.name}: ${this.#given(argument)}`).join(", ")})`;
  }

  #given(argument: GraphQLArgument): string {
    if (!this.#chance(35)) return this.#literal(argument.type);
    const name = `v${this.#definitions.length}`;
    const value = this.#value(argument.type);
    const byDefault = !isNonNullType(argument.type) && this.#chance(25);
    this.#definitions.push(`$${name}: ${argument.type}${byDefault ? ` = ${this.#literal(argument.type)}` : ""}`);
    if (!byDefault || this.#chance(50)) this.#variables[name] = value;
    return `$${name}`;
  }

  #directive(): string {
    if (!this.#chance(8)) return "";
    const name = this.#chance(50) ? "skip" : "include";
    if (this.#chance(20)) return ` @${name}(if: ${this.#chance(50)})`;
    const variable = `v${this.#definitions.length}`;
    this.#definitions.push(`$${variable}: Boolean!`);
    this.#variables[variable] = this.#chance(50);
    return ` @${name}(if: $${variable})`;
  }

  #literal(type: GraphQLInputType): string {
    return literal(this.#value(type), type);
  }

  #value(type: GraphQLInputType): unknown {
    if (!isNonNullType(type) && this.#chance(10)) return null;
    const present = getNullableType(type);
    if (isListType(present)) return Array.from({ length: this.#below(3) }, () => this.#value(present.ofType));
    if (isEnumType(present)) return this.#pick(present.getValues()).name;
    if (isInputObjectType(present)) {
      const fields = Object.values(present.getFields()).filter((field) => isRequired(field) || this.#chance(60));
      return Object.fromEntries(fields.map((field) => [field.name, this.#value(field.type)]));
    }
    return this.#leaf(present.toString());
  }

  #leaf(type: string): unknown {
    if (type === "Int") return this.#below(5);
    if (type === "Float") return this.#below(5) + 0.5;
    if (type === "Boolean") return this.#chance(50);
    return this.#pick(["1", "2", "3", 'ü "x"']);
  }
}

function isRequired({ type, defaultValue }: { type: GraphQLInputType; defaultValue?: unknown }): boolean {
  return isNonNullType(type) && defaultValue === undefined;
}

/** Enum values have no quotes, so the type has to be known. */
function literal(value: unknown, type: GraphQLInputType): string {
  const present = getNullableType(type);
  if (value === null || value === undefined) return "null";
  if (isListType(present) && Array.isArray(value))
    return `[${value.map((entry) => literal(entry, present.ofType)).join(", ")}]`;
  if (isEnumType(present)) return String(value);
  if (!isInputObjectType(present)) return JSON.stringify(value);
  const fields = present.getFields();
  const entries = Object.entries(value).flatMap(([name, entry]) => {
    const field = fields[name];
    return field ? [`${name}: ${literal(entry, field.type)}`] : [];
  });
  return `{ ${entries.join(", ")} }`;
}
