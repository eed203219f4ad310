/** Keywords whose meaning is not compared. They do no harm where the writer has the very same. */
import { isDeepStrictEqual } from "node:util";
import type { TypedCase } from "./judge.js";
import type { Node } from "./node.js";

const judged = new Set(
  `type nullable enum const $ref $defs definitions allOf anyOf oneOf not
   minimum maximum exclusiveMinimum exclusiveMaximum multipleOf minLength maxLength pattern format
   items prefixItems minItems maxItems uniqueItems properties patternProperties additionalProperties propertyNames
   required minProperties maxProperties dependentRequired`.split(/\s+/),
);

/** They describe; no payload fails by them. */
const describing = new Set(
  `$schema $id $comment title description default example examples deprecated readOnly writeOnly
   contentEncoding contentMediaType contentSchema`.split(/\s+/),
);

/** Keywords that mean something only together, and the type they are about. */
const groups: readonly { keywords: readonly string[]; type?: TypedCase["type"] }[] = [
  { keywords: ["contains", "minContains", "maxContains"], type: "array" },
  { keywords: ["dependentSchemas"], type: "object" },
  { keywords: ["dependencies"], type: "object" },
  { keywords: ["if", "then", "else"] },
];

/** They look at what the keywords beside them did. */
const contextual: Readonly<Record<string, TypedCase["type"]>> = {
  unevaluatedItems: "array",
  unevaluatedProperties: "object",
};

/** The keywords of `reader` that restrict such payloads in a way that is not compared. */
export function unjudgedKeywords(one: TypedCase, reader: Node): string[] {
  const open = Object.keys(reader.keywords).filter((keyword) => !judged.has(keyword) && !describing.has(keyword));
  return open.filter((keyword) => !keyword.startsWith("x-") && restricts(keyword, one, reader));
}

function restricts(keyword: string, one: TypedCase, reader: Node): boolean {
  if (keyword in contextual) return contextual[keyword] === one.type;
  const group = groups.find(({ keywords }) => keywords.includes(keyword)) ?? { keywords: [keyword] };
  if (group.type && group.type !== one.type) return false;
  return !one.parts.some((part) => group.keywords.every((each) => isSame(part.keywords[each], reader.keywords[each])));
}

/** A reference may lead elsewhere in the other schema. */
const isSame = (written: unknown, read: unknown): boolean =>
  isDeepStrictEqual(written, read) && !JSON.stringify(read ?? null).includes('"$ref"');
