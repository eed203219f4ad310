/** What gives a tenant's data away when somebody else is shown it, and how it is found in an answer. */

export interface Secrets {
  /** UUIDs. */
  readonly ids: ReadonlySet<string>;
  /** Names, notes, addresses: texts long enough to be recognised. */
  readonly texts: ReadonlySet<string>;
  /** Numbers with enough digits not to be met by chance. */
  readonly figures: ReadonlySet<string>;
}

const uuid = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/gi;
const moment = /\d{4}-\d\d-\d\d(?:[T ][\d:.]+(?:Z|[+-][\d:]+)?)?/g;
const figure = /(?<![\w.])\d+(?:\.\d+)?(?![\w.])/g;

/** Shorter texts are words of the trade, not somebody's data; longer ones are files, which are searched instead. */
const [shortestText, longestText] = [12, 500];
const fewestDigits = 6;

/** Everything in `value` that could be a secret. */
export function secretsIn(value: unknown): Secrets {
  const texts = textsIn(value).filter((text) => !text.startsWith("\\x"));
  const whole = JSON.stringify(value ?? null);
  return {
    ids: new Set(idsIn(whole)),
    texts: new Set(texts.filter(isTelling)),
    figures: new Set(figuresIn(whole)),
  };
}

export function isId(value: unknown): value is string {
  return typeof value === "string" && value.length === 36 && idsIn(value).length === 1;
}

export function union(all: readonly Secrets[]): Secrets {
  return {
    ids: new Set(all.flatMap(({ ids }) => [...ids])),
    texts: new Set(all.flatMap(({ texts }) => [...texts])),
    figures: new Set(all.flatMap(({ figures }) => [...figures])),
  };
}

export function without(some: Secrets, others: Secrets): Secrets {
  const rest = (own: ReadonlySet<string>, taken: ReadonlySet<string>) =>
    new Set([...own].filter((one) => !taken.has(one)));
  return {
    ids: rest(some.ids, others.ids),
    texts: rest(some.texts, others.texts),
    figures: rest(some.figures, others.figures),
  };
}

/** The secrets that `shown` contains, also inside of files, cursors and tokens, which are base64. */
export function leaksIn(shown: unknown, secrets: Secrets, exceptFor: ReadonlySet<string> = new Set()): string[] {
  const text = [JSON.stringify(shown ?? null), ...textsIn(shown).flatMap(decoded)].join("\n");
  const found = [
    ...idsIn(text).filter((id) => secrets.ids.has(id)),
    ...figuresIn(text).filter((number) => secrets.figures.has(number)),
    ...[...secrets.texts].filter((secret) => text.includes(secret)),
  ];
  return [...new Set(found)].filter((secret) => !exceptFor.has(secret));
}

function decoded(text: string): string[] {
  const parts = text.split(".").filter((part) => part.length >= 16 && /^[\w+/-]+={0,2}$/.test(part));
  return parts.map((part) => Buffer.from(part, "base64").toString("utf8"));
}

function idsIn(text: string): string[] {
  return [...text.matchAll(uuid)].map(([id]) => id.toLowerCase());
}

function figuresIn(text: string): string[] {
  const plain = text.replace(uuid, " ").replace(moment, " ");
  const all = [...plain.matchAll(figure)].map(([number]) =>
    number.includes(".") ? number.replace(/\.?0+$/, "") : number,
  );
  return all.filter((number) => number.replace(".", "").length >= fewestDigits);
}

function isTelling(text: string): boolean {
  return (
    text.length >= shortestText && text.length <= longestText && /[a-z]{4}/i.test(text) && text.match(uuid) === null
  );
}

/** Every text in a value, however deep. */
function textsIn(value: unknown): string[] {
  if (typeof value === "string") return [value];
  if (typeof value !== "object" || value === null) return [];
  return Object.values(value).flatMap(textsIn);
}
