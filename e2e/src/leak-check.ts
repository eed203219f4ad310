/** Finds another tenant's data in answers to strangers, but for what the strangers have put in there themselves. */
import { type ArgumentNode, Kind, type ObjectFieldNode, parse, visit } from "graphql";
import type { Answer, Data } from "./graph.js";
import { leaksIn, type Secrets } from "./secrets.js";

/** A field that shows again what was given in an argument of one of these names. */
export interface GivenBack {
  readonly by: readonly string[];
  /** In later answers, too, because it is stored; inside of what names something of the strangers' own, always. */
  readonly stored?: true;
}

/** One call of an operation: what was given in it, as `argument: value`, and its text. */
interface Call {
  readonly given: ReadonlySet<string>;
  readonly text: string;
}

interface Place {
  /** `Type.field`, with the names inside of it where a field is JSON. */
  readonly coordinate: string;
  readonly holder: Readonly<Record<string, unknown>>;
}

export class LeakCheck {
  /** Those of the fields that did show something of theirs again. */
  readonly used = new Set<string>();
  /** What strangers have given so far. */
  readonly #given = new Set<string>();

  /** `givenBack` by `Type.field`; nowhere else is anything of theirs excused. */
  constructor(
    private readonly theirs: Secrets,
    private readonly own: Secrets,
    private readonly givenBack: Readonly<Record<string, GivenBack>>,
  ) {}

  /**
   * What of theirs is in the answer to the operation `text`. Data may show what was given, in the fields for that; an
   * error may repeat what was said in its own call.
   */
  find({ data, errors = [] }: Answer, text: string): string[] {
    const calls = callsIn(text);
    for (const { given } of calls.values()) for (const one of given) this.#given.add(one);
    const shown = Object.entries(data ?? {}).map(([key, value]) => [key, this.#withoutGiven(value, calls.get(key))]);
    const repeated = (key: unknown) => new Set(leaksIn(calls.get(String(key))?.text, this.theirs));
    const said = errors.flatMap((error) => leaksIn(error, this.theirs, repeated(error.path?.[0])));
    return [...new Set([...leaksIn(Object.fromEntries(shown), this.theirs), ...said])];
  }

  #withoutGiven(value: Data, call: Call | undefined, place: Place = { coordinate: "", holder: {} }): Data {
    if (typeof value === "string") return this.#isGivenBack(value, call, place) ? null : value;
    if (typeof value !== "object" || value === null) return value;
    if (Array.isArray(value)) return value.map((one) => this.#withoutGiven(one, call, place));
    const { __typename: type } = value;
    const inside = (key: string): Place =>
      type ? { coordinate: `${type}.${key}`, holder: value } : { ...place, coordinate: `${place.coordinate}.${key}` };
    const entries = Object.entries(value).map(([key, one]) => [key, this.#withoutGiven(one, call, inside(key))]);
    return Object.fromEntries(entries);
  }

  #isGivenBack(value: string, call: Call | undefined, { coordinate, holder }: Place): boolean {
    const { by = [], stored } = this.givenBack[coordinate] ?? {};
    const given = stored ? this.#given : call?.given;
    if (!by.some((name) => given?.has(`${name}: ${value}`)) || (stored && !this.#isOwn(holder))) return false;
    if (leaksIn(value, this.theirs).length > 0) this.used.add(coordinate);
    return true;
  }

  #isOwn(holder: Place["holder"]): boolean {
    return Object.values(holder).some((value) => typeof value === "string" && this.own.ids.has(value));
  }
}

/** By the name under which the answer shows it. What fragments are given belongs to each call. */
function callsIn(text: string): ReadonlyMap<string, Call> {
  const { definitions } = parse(text);
  const fragments = definitions.filter(({ kind }) => kind === Kind.FRAGMENT_DEFINITION);
  const [operation] = definitions.filter((one) => one.kind === Kind.OPERATION_DEFINITION);
  const fields = operation?.selectionSet.selections.filter((one) => one.kind === Kind.FIELD) ?? [];
  return new Map(
    fields.map((field) => {
      const parts = [field, ...fragments];
      const texts = parts.map(({ loc }) => text.slice(loc?.start, loc?.end));
      return [(field.alias ?? field.name).value, { given: new Set(parts.flatMap(givenIn)), text: texts.join("\n") }];
    }),
  );
}

function givenIn(part: Parameters<typeof visit>[0]): string[] {
  const given: string[] = [];
  const note = ({ name, value }: ArgumentNode | ObjectFieldNode) => {
    const values = value.kind === Kind.LIST ? value.values : [value];
    for (const one of values) if (one.kind === Kind.STRING) given.push(`${name.value}: ${one.value}`);
  };
  visit(part, { Argument: note, ObjectField: note });
  return given;
}
