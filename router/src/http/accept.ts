/** Content negotiation: https://www.rfc-editor.org/rfc/rfc9110#name-proactive-negotiation */
import type { PartForm } from "../request/client-answer.js";

export const json = "application/json";
export const graphqlResponse = "application/graphql-response+json";

/** How answers are written for one `accept` header. */
export interface Accepted {
  /** One answer; `null` is 406. */
  readonly single: typeof json | typeof graphqlResponse | "events" | "multipart" | null;
  /** Several parts of one answer; `null` when the client takes none. */
  readonly parts: "multipart" | "events" | null;
  readonly partForm: PartForm;
  /** Events of a subscription. */
  readonly stream: "multipart" | "events" | null;
}

interface Range {
  readonly type: string;
  readonly parameters: ReadonlyMap<string, string>;
  readonly quality: number;
  readonly position: number;
}

/** Clients say the same again and again. */
const known = new Map<string, Accepted>();
const mostKnown = 500;
const longestKnown = 300;

/** Without a header everything is accepted. */
const anything: Accepted = { single: json, parts: null, partForm: "deferSpec=20220824", stream: null };

export function acceptedBy(header: string | undefined): Accepted {
  if (header === undefined || header === "*/*" || header === json) return anything;
  const found = known.get(header);
  if (found) return found;
  const accepted = negotiate(header.split(",").map(readRange));
  if (known.size >= mostKnown) known.clear();
  if (header.length <= longestKnown) known.set(header, accepted);
  return accepted;
}

function negotiate(ranges: readonly Range[]): Accepted {
  // Streams are for clients that name them: one that takes anything does not expect an answer without an end.
  const events = best(ranges.filter(({ type }) => type === "text/event-stream"));
  const inParts = ranges.filter(({ type }) => type === "multipart/mixed");
  const deferred = best(inParts.filter(({ parameters }) => partFormOf(parameters) !== null));
  const subscribed = best(inParts.filter(({ parameters }) => isSubscriptionSpec(parameters)));
  return {
    single: singleOf(ranges, events, deferred ?? subscribed),
    parts: streamOf(deferred, events),
    partForm: (deferred && partFormOf(deferred.parameters)) ?? anything.partForm,
    stream: streamOf(subscribed, events),
  };
}

function singleOf(ranges: readonly Range[], events: Range | null, multipart: Range | null): Accepted["single"] {
  const offered = [
    { as: json, range: rangeFor(json, ranges) },
    { as: graphqlResponse, range: rangeFor(graphqlResponse, ranges) },
    { as: "events", range: events },
  ] as const;
  const acceptable = offered.flatMap(({ as, range }) => (range && range.quality > 0 ? [{ as, range }] : []));
  const [first] = acceptable.sort((one, other) => compare(one.range, other.range));
  return first?.as ?? (multipart ? "multipart" : null);
}

function streamOf(multipart: Range | null, events: Range | null): "multipart" | "events" | null {
  if (multipart && events) return compare(multipart, events) <= 0 ? "multipart" : "events";
  if (multipart) return "multipart";
  return events ? "events" : null;
}

/** A client that names no specification gets the older one. */
function partFormOf(parameters: ReadonlyMap<string, string>): PartForm | null {
  if (parameters.has("subscriptionspec")) return null;
  if (parameters.get("incrementalspec") === "v0.2") return "incrementalSpec=v0.2";
  if (parameters.has("incrementalspec")) return null;
  return (parameters.get("deferspec") ?? "20220824") === "20220824" ? "deferSpec=20220824" : null;
}

function isSubscriptionSpec(parameters: ReadonlyMap<string, string>): boolean {
  if (parameters.has("incrementalspec") || parameters.has("deferspec")) return false;
  return (parameters.get("subscriptionspec") ?? "1.0") === "1.0";
}

/** The most specific range that covers a media type decides about it. */
function rangeFor(type: string, ranges: readonly Range[]): Range | null {
  for (const pattern of [type, "application/*", "*/*"]) {
    const range = ranges.find((candidate) => candidate.type === pattern && isUtf8(candidate));
    if (range) return range;
  }
  return null;
}

function isUtf8({ parameters }: Range): boolean {
  return /^utf-?8$/i.test(parameters.get("charset") ?? "utf-8");
}

function best(ranges: readonly Range[]): Range | null {
  const [first] = ranges.filter(({ quality }) => quality > 0).sort(compare);
  return first ?? null;
}

/** By quality, then what is named before what is only covered, then the order in the header. */
function compare(one: Range, other: Range): number {
  const wildcards = Number(one.type.includes("*")) - Number(other.type.includes("*"));
  return other.quality - one.quality || wildcards || one.position - other.position;
}

function readRange(text: string, position: number): Range {
  const [type = "", ...rest] = text.split(";").map((part) => part.trim());
  const parameters = new Map(rest.map(readParameter));
  const quality = Number(parameters.get("q") ?? 1);
  return { type: type.toLowerCase(), parameters, quality: Number.isNaN(quality) ? 1 : quality, position };
}

function readParameter(text: string): [name: string, value: string] {
  const end = text.indexOf("=");
  if (end === -1) return [text.toLowerCase(), ""];
  return [
    text.slice(0, end).trim().toLowerCase(),
    text
      .slice(end + 1)
      .trim()
      .replace(/^"(.*)"$/, "$1"),
  ];
}
