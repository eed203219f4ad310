/** Inclusion of objects. */
import { shown } from "./finding.js";
import { at, type Judge, type TypedCase } from "./judge.js";
import type { Node } from "./node.js";
import { closedNames, patternsOf, requiredNames, valueAt } from "./property-values.js";

export function judgeObjects(judge: Judge, one: TypedCase, reader: Node): void {
  judgeRequired(judge, one, reader);
  judgeNamed(judge, one, reader);
  judgeOtherNames(judge, one, reader);
  judgeCounts(judge, one, reader);
  judgeNames(judge, one, reader);
  judgeDependent(judge, one, reader);
}

function judgeRequired(judge: Judge, { parts }: TypedCase, reader: Node): void {
  const present = requiredNames(parts);
  for (const name of requiredNames([reader])) {
    if (present.has(name)) continue;
    const known = parts.some((part) => part.names("properties").includes(name));
    judge.refuse(
      at(reader, "required"),
      `needs the property ${shown(name)}; ${judge.writer} ${known ? "may leave it out" : "does not have it"}`,
    );
  }
}

/** Every property that either side names. */
function judgeNamed(judge: Judge, { parts }: TypedCase, reader: Node): void {
  const names = new Set([...parts, reader].flatMap((part) => part.names("properties")));
  for (const name of names) {
    const written = valueAt(parts, name);
    if (written.some(({ schema }) => schema === false)) continue;
    for (const wanted of valueAt([reader], name)) {
      if (wanted.schema === false) refuseName(judge, reader, name);
      else judge.within(name, written, wanted);
    }
  }
}

function refuseName(judge: Judge, reader: Node, name: string): void {
  judge.refuse(
    at(reader, "additionalProperties"),
    `does not take the property ${shown(name)}, which ${judge.writer} may have`,
  );
}

/** Properties neither side names: those a pattern of the writer's describes, and all others. */
function judgeOtherNames(judge: Judge, { parts }: TypedCase, reader: Node): void {
  if (closedNames(parts)) return;
  const writtenPatterns = [...new Set(parts.flatMap(patternsOf))];
  const closed = parts.some((part) => part.keywords.additionalProperties === false);
  for (const pattern of writtenPatterns) {
    judgeOthers(judge, patternValue(parts, pattern), reader, { known: writtenPatterns, pattern });
  }
  const others = parts.flatMap((part) => part.child("additionalProperties") ?? []);
  if (!closed) judgeOthers(judge, others, reader, { known: writtenPatterns });
}

/** What is certain about a property whose name matches `pattern`: it may match others too, which only says more. */
function patternValue(parts: readonly Node[], pattern: string): Node[] {
  return parts.flatMap((part) => {
    if (patternsOf(part).includes(pattern)) return part.child("patternProperties", pattern) ?? [];
    return patternsOf(part).length > 0 ? [] : (part.child("additionalProperties") ?? []);
  });
}

interface NamesKnown {
  /** All patterns of the writer's. */
  readonly known: readonly string[];
  /** The one such names match; without it they match none. */
  readonly pattern?: string;
}

/** A pattern of the reader's that the writer does not know may match any such name; one it knows is judged by itself. */
function judgeOthers(judge: Judge, written: readonly Node[], reader: Node, { known, pattern }: NamesKnown): void {
  const wanted = patternsOf(reader);
  for (const each of wanted) {
    const value = reader.child("patternProperties", each);
    if (value && (each === pattern || !known.includes(each))) judge.within("*", written, value);
  }
  const rest = reader.child("additionalProperties");
  if (!rest || (pattern !== undefined && wanted.includes(pattern))) return;
  const isClosed = rest.schema === false && !judge.isImpossible(written);
  if (isClosed) refuseOthers(judge, reader);
  else judge.within("*", written, rest);
}

function refuseOthers(judge: Judge, reader: Node): void {
  const message = `takes no properties beside those it names; ${judge.writer} allows any`;
  judge.refuse(at(reader, "additionalProperties"), message);
}

function judgeCounts(judge: Judge, { parts }: TypedCase, reader: Node): void {
  const least = Math.max(requiredNames(parts).size, ...parts.map((part) => part.number("minProperties") ?? 0));
  const most = Math.min(
    closedNames(parts)?.length ?? Number.POSITIVE_INFINITY,
    ...parts.map((part) => part.number("maxProperties") ?? Number.POSITIVE_INFINITY),
  );
  const min = reader.number("minProperties") ?? 0;
  const max = reader.number("maxProperties") ?? Number.POSITIVE_INFINITY;
  if (least < min)
    judge.refuse(at(reader, "minProperties"), `needs ${min} properties or more; ${judge.writer} allows ${least}`);
  if (most > max)
    judge.refuse(
      at(reader, "maxProperties"),
      `takes ${max} properties at most; ${judge.writer} ${most === Number.POSITIVE_INFINITY ? "has no limit" : `allows ${most}`}`,
    );
}

function judgeNames(judge: Judge, { parts }: TypedCase, reader: Node): void {
  const wanted = reader.child("propertyNames");
  if (!wanted) return;
  const closed = closedNames(parts);
  const bad = closed?.find((name) => !wanted.accepts(name));
  if (bad !== undefined) judge.refuse(at(reader, "propertyNames"), `does not take a property called ${shown(bad)}`);
  if (!closed)
    judge.withinNames(
      parts.flatMap((part) => part.child("propertyNames") ?? []),
      wanted,
    );
}

function judgeDependent(judge: Judge, { parts }: TypedCase, reader: Node): void {
  const wanted = Object.entries((reader.keywords.dependentRequired as Record<string, string[]> | undefined) ?? {});
  for (const [name, needed] of wanted) {
    if (valueAt(parts, name).some(({ schema }) => schema === false)) continue;
    const present = requiredNames(parts);
    for (const part of parts) {
      const also = (part.keywords.dependentRequired as Record<string, string[]> | undefined)?.[name] ?? [];
      for (const other of also) present.add(other);
    }
    const missing = needed.find((other) => !present.has(other));
    if (missing !== undefined)
      judge.refuse(
        at(reader, "dependentRequired"),
        `needs ${shown(missing)} beside ${shown(name)}; ${judge.writer} does not`,
      );
  }
}
