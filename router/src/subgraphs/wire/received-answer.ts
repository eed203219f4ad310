/** An answer as it came off the wire. Its headers are read only when somebody asks, because mostly nobody does. */
import { readCacheControl } from "../../caching/cache-control.js";
import type { CachePolicy, ClientHeaders } from "../../request/request-context.js";
import type { WireAnswer } from "../subgraph-call.js";

/** Names and values in turn, as they came. */
export type RawHeaders = readonly (Buffer | string)[];

export class ReceivedAnswer implements WireAnswer {
  readonly form = "text";
  readonly status: number;
  readonly text: string;
  readonly #raw: RawHeaders;
  #headers: ClientHeaders | null = null;

  constructor(status: number, text: string, raw: RawHeaders) {
    this.status = status;
    this.text = text;
    this.#raw = raw;
  }

  get headers(): ClientHeaders {
    this.#headers ??= readHeaders(this.#raw);
    return this.#headers;
  }

  get cachePolicy(): CachePolicy | null {
    const values = rawValues(this.#raw, "cache-control");
    return values.length === 0 ? null : readCacheControl(values.join(","));
  }

  /** The values of one header, in the order they came. `name` in lower case. */
  valuesOf(name: string): readonly string[] {
    return rawValues(this.#raw, name);
  }
}

const none: readonly string[] = [];

/** Without reading any header of another name: lengths differ nearly always. */
export function rawValues(raw: RawHeaders, name: string): readonly string[] {
  let found: string[] | null = null;
  for (let at = 0; at < raw.length; at += 2) {
    const key = raw[at];
    if (key?.length !== name.length || textOf(key).toLowerCase() !== name) continue;
    found ??= [];
    found.push(textOf(raw[at + 1]));
  }
  return found ?? none;
}

function textOf(part: Buffer | string | undefined): string {
  return typeof part === "string" ? part : (part?.toString("latin1") ?? "");
}

function readHeaders(raw: RawHeaders): ClientHeaders {
  const headers: Record<string, string | string[]> = {};
  for (let at = 0; at < raw.length; at += 2) {
    const name = textOf(raw[at]).toLowerCase();
    const value = textOf(raw[at + 1]);
    const earlier = headers[name];
    if (name === "set-cookie") headers[name] = [...(earlier ?? []), value];
    else headers[name] = earlier === undefined ? value : `${earlier}, ${value}`;
  }
  return headers;
}
