/**
 * Inclusion of JSON Schemas as sets of payloads: is each payload of the writer's taken by the reader? Sound: where nothing
 * is found, the answer is yes. Not complete: some inclusions are true and cannot be seen here, and those are reported.
 */
import { isDeepStrictEqual } from "node:util";
import type { JsonSchema } from "../json-schema.js";
import { judgeAlternatives } from "./alternatives.js";
import { judgeArrays } from "./arrays.js";
import { type Case, typesOf } from "./cases.js";
import { possibleCases } from "./emptiness.js";
import { CannotJudge, distinct, type Finding, type Names, namesOf, shown } from "./finding.js";
import { at, type Judge, type TypedCase } from "./judge.js";
import { type Node, Root } from "./node.js";
import { judgeNumbers } from "./numbers.js";
import { judgeObjects } from "./objects.js";
import { judgeStrings } from "./strings.js";
import { unjudgedKeywords } from "./unjudged.js";

const maxSteps = 20_000;
const maxDepth = 80;
const anyText = new Root({ type: "string" }, Number.POSITIVE_INFINITY).at("");

/** Why not every payload of `written` is taken by `read`; empty when it is. */
export function findNotIncluded(written: JsonSchema, read: JsonSchema, direction: "backward" | "forward"): Finding[] {
  if (isDeepStrictEqual(written, read)) return [];
  const comparison = new Comparison(namesOf(direction));
  return distinct(comparison.include([new Root(written).at("")], new Root(read).at(""), []));
}

type Place = readonly (string | number)[];

/** A question that came up again while it was being answered: finite payloads cannot tell the difference. */
type Question = string;

export class Comparison {
  readonly #open = new Set<Question>();
  readonly #ids = new Map<Node, number>();
  #steps = 0;

  constructor(readonly names: Names) {}

  include(written: readonly Node[], reader: Node, place: Place): Finding[] {
    if (reader.schema === true || written.includes(reader)) return [];
    const question = `${[...new Set(written.map((node) => this.#id(node)))].sort().join()}:${this.#id(reader)}`;
    if (this.#open.has(question)) return [];
    if (++this.#steps > maxSteps || place.length > maxDepth)
      return [this.#finding("cannot be judged", reader.pointer, place, "is too large to be compared")];
    this.#open.add(question);
    try {
      return possibleCases(written).flatMap((one) => this.judgeCase(one, reader, place));
    } catch (error) {
      if (!(error instanceof CannotJudge)) throw error;
      return [this.#finding("cannot be judged", reader.pointer, place, error.message)];
    } finally {
      this.#open.delete(question);
    }
  }

  /** Ends, since a checked schema has no reference that comes back without going down in the payload. */
  judgeCase(one: Case, reader: Node, place: Place): Finding[] {
    if (reader.schema === true) return [];
    if (one.type === "values") return this.#judgeValues(one.values, reader, place);
    if (reader.schema === false || !takesType(one, reader)) return [this.#refusedType(one, reader, place)];
    if (one.parts.includes(reader)) return [];
    const found: Finding[] = [];
    const judge = this.#judge(found, place);
    this.#judgeListed(judge, reader);
    if (one.type === "number") judgeNumbers(judge, one, reader);
    if (one.type === "string") judgeStrings(judge, one, reader);
    if (one.type === "array") judgeArrays(judge, one, reader);
    if (one.type === "object") judgeObjects(judge, one, reader);
    for (const keyword of unjudgedKeywords(one, reader))
      judge.cannotJudge(
        at(reader, keyword),
        `has the keyword ${keyword}, which cannot be compared unless it stays the same`,
      );
    const referred = reader.target ? this.judgeCase(one, reader.target, place) : [];
    return [...found, ...referred, ...judgeAlternatives(this, one, reader, place)];
  }

  /** A finding in the words of this comparison. */
  cannotJudge(reader: Node, keyword: string, place: Place, message: string): Finding {
    return this.#finding("cannot be judged", at(reader, keyword), place, message);
  }

  #judgeValues(values: readonly unknown[], reader: Node, place: Place): Finding[] {
    const refused = values.filter((value) => !reader.accepts(value));
    if (refused.length === 0) return [];
    const keywords = ["enum", "const", "type", "anyOf", "oneOf", "$ref", "pattern", "format", "not"];
    const message = `does not take ${refused.slice(0, 5).map(shown).join(", ")}, which ${this.names.writer} allows`;
    return [this.#finding("incompatible", at(reader, ...keywords), place, message)];
  }

  #judgeListed(judge: Judge, { keywords, ...reader }: Node & { keywords: object }): void {
    const keyword = ["enum", "const"].find((each) => each in keywords);
    if (keyword)
      judge.refuse(`${reader.pointer}/${keyword}`, `takes listed values only; ${judge.writer} allows others`);
  }

  #refusedType(one: TypedCase, reader: Node, place: Place): Finding {
    const types = reader.schema === false ? [] : [...(typesOf(reader) ?? [])];
    const written = one.type === "number" && one.whole ? "integer" : one.type;
    const message =
      types.length === 0
        ? `takes nothing here; ${this.names.writer} allows ${article(written)}`
        : `takes ${types.map(article).join(" or ")}; ${this.names.writer} allows ${article(written)}`;
    return this.#finding("incompatible", at(reader, "type"), place, message);
  }

  #judge(found: Finding[], place: Place): Judge {
    const add = (kind: Finding["kind"]) => (pointer: string, message: string) =>
      void found.push(this.#finding(kind, pointer, place, message));
    return {
      writer: this.names.writer,
      refuse: add("incompatible"),
      cannotJudge: add("cannot be judged"),
      within: (step, written, wanted) => void found.push(...this.include(written, wanted, [...place, step])),
      withinNames: (written, wanted) =>
        void found.push(...this.include([...written, anyText], wanted, [...place, "*"])),
      isImpossible: (written) => possibleCases(written).length === 0,
    };
  }

  #finding(kind: Finding["kind"], pointer: string, place: Place, message: string): Finding {
    const where = place.length === 0 ? "The payload" : `/${place.join("/")}`;
    return { kind, pointer, message: `${where}: ${this.names.reader} ${message}.` };
  }

  #id(node: Node): number {
    const known = this.#ids.get(node);
    if (known !== undefined) return known;
    this.#ids.set(node, this.#ids.size);
    return this.#ids.size - 1;
  }
}

function takesType(one: TypedCase, reader: Node): boolean {
  const types = typesOf(reader);
  if (!types || types.has(one.type)) return true;
  return one.type === "number" && types.has("integer") && isWhole(one);
}

const isWhole = (one: TypedCase): boolean =>
  one.whole || one.parts.some((part) => Number.isInteger(part.keywords.multipleOf));

const article = (type: string): string => (/^[aeio]/.test(type) ? `an ${type}` : `a ${type}`);
