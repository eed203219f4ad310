/**
 * Words that a section of router.yaml is described with. Each gives a piece of JSON Schema that knows the TypeScript type
 * it stands for, so a section whose type gains, loses or changes a key does not compile until its description follows.
 */

declare const meaning: unique symbol;

/** JSON Schema (draft 7) of a `T`. */
export interface Schema<T> {
  readonly [meaning]?: T;
  readonly type?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly properties?: Readonly<Record<string, Schema<unknown>>>;
  readonly additionalProperties?: boolean | Schema<unknown>;
  readonly required?: readonly string[];
  readonly anyOf?: readonly Schema<unknown>[];
  readonly [keyword: string]: unknown;
}

/** What a person reads about a key. */
export interface About<T> {
  /** What the key does, one or two sentences. */
  readonly description: string;
  /** What holds when the key is not there. */
  readonly default?: T;
  readonly examples?: readonly T[];
}

interface NumberRange {
  readonly minimum?: number;
  readonly maximum?: number;
}

interface TextShape {
  readonly minLength?: number;
  readonly pattern?: string;
  /** What is said about a text that does not match; editors know this keyword too. */
  readonly patternErrorMessage?: string;
}

export const text = (about: About<string> & TextShape): Schema<string> => ({ type: "string", minLength: 1, ...about });

export const toggle = (about: About<boolean>): Schema<boolean> => ({ type: "boolean", ...about });

/** A whole number, 0 or more unless told otherwise. */
export const whole = (about: About<number> & NumberRange): Schema<number> => ({
  type: "integer",
  minimum: 0,
  ...about,
});

/** Any number, 0 or more unless told otherwise. */
export const number = (about: About<number> & NumberRange): Schema<number> => ({
  type: "number",
  minimum: 0,
  ...about,
});

export const choice = <const T extends string>(choices: readonly T[], about: About<NoInfer<T>>): Schema<T> => ({
  type: "string",
  enum: choices,
  ...about,
});

export const list = <T>(
  items: Schema<T>,
  about: About<readonly T[]> & { readonly minItems?: number },
): Schema<readonly T[]> => ({ type: "array", items, ...about });

/** Keys of the writer's choosing, such as names of subgraphs. */
export const named = <T>(value: Schema<T>, about: About<Readonly<Record<string, T>>>): Schema<Record<string, T>> => ({
  type: "object",
  additionalProperties: value,
  ...about,
});

type Described<T> = { readonly [Key in keyof T]-?: Schema<Exclude<T[Key], undefined>> };

type RequiredKeys<T> = { [Key in keyof T]-?: undefined extends T[Key] ? never : Key }[keyof T];

/** `required` has to be given as soon as `T` has a key that cannot be left out; each such key is named. */
type Requirement<T> = [RequiredKeys<T>] extends [never] ? object : { readonly required: readonly RequiredKeys<T>[] };

/** Exactly the keys of `T`; every other key is a mistake. */
export function section<T extends object>(
  about: Omit<About<T>, "default"> & Requirement<T>,
  properties: Described<T>,
): Schema<T> {
  return { type: "object", additionalProperties: false, ...about, properties } as Schema<T>;
}

/** Like `section`, where keys that are not listed are names of the writer's choosing. */
export function sectionWithNames<T extends object, Value>(
  about: Omit<About<T>, "default">,
  properties: Readonly<Record<string, Schema<unknown>>>,
  value: Schema<Value>,
): Schema<T> {
  return { type: "object", ...about, properties, additionalProperties: value } as Schema<T>;
}

/** `false` takes the feature away. */
export const orFalse = <T>(schema: Schema<T>, about: About<T | false>): Schema<T | false> => ({
  anyOf: [{ const: false, type: "boolean" }, schema],
  ...about,
});

/** One of several forms. */
export const either = <const Forms extends readonly Schema<unknown>[]>(
  forms: Forms,
  about: About<MeaningOf<Forms[number]>>,
): Schema<MeaningOf<Forms[number]>> => ({ anyOf: forms, ...about });

type MeaningOf<Form> = Form extends Schema<infer T> ? T : never;

/** A path; a relative one starts at the folder of the configuration file. */
export const file = (about: About<string>): Schema<string> => ({ ...text(about), isFile: true });

export const url = (about: About<string>): Schema<string> => ({
  ...text(about),
  pattern: "^https?://[^/]",
  patternErrorMessage:
    "it has to be an address that starts with http:// or https://, such as http://users:4001/graphql",
});
