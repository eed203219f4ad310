/** Where in a request an access token may stand. */
import { RouterError } from "../errors/router-error.js";
import type { ClientHeaders } from "../request/request-context.js";

/** A header with a word before the token, a header that is the token (`prefix: ""`), or a cookie. */
export type TokenSource =
  | {
      readonly header: string;
      /** Default `Bearer`; in any case. */
      readonly prefix?: string;
    }
  | { readonly cookie: string };

export const defaultTokenSources: readonly TokenSource[] = [{ header: "authorization" }];

export interface FoundToken {
  readonly token: string;
  /** Browsers send cookies unasked. */
  readonly fromCookie: boolean;
}

export type FindToken = (headers: ClientHeaders) => FoundToken | null;

/**
 * The token of the first source that has one. A header that holds something else than its sources allow is refused.
 * @throws RouterError TOKEN_INVALID
 */
export function createFindToken(sources: readonly TokenSource[]): FindToken {
  const headers = new Map<string, string[]>();
  for (const source of sources) {
    if (!("header" in source)) continue;
    const name = source.header.toLowerCase();
    headers.set(name, [...(headers.get(name) ?? []), source.prefix ?? "Bearer"]);
  }
  const cookies = sources.flatMap((source) => ("cookie" in source ? [source.cookie] : []));

  return (sent) => {
    for (const [name, prefixes] of headers) {
      const token = tokenIn(sent[name], prefixes);
      if (token !== null) return { token, fromCookie: false };
    }
    for (const name of cookies) {
      const token = cookieValue(sent.cookie, name);
      if (token) return { token, fromCookie: true };
    }
    return null;
  };
}

/** `null` when the header is missing, or blank as explorers send it before anybody has put a token in. */
function tokenIn(value: ClientHeaders[string], prefixes: readonly string[]): string | null {
  if (value === undefined) return null;
  const text = typeof value === "string" ? value.trim() : value.join(", ");
  if (text === "") return null;
  for (const prefix of prefixes) {
    const rest = afterPrefix(text, prefix);
    if (rest === null) continue;
    if (rest === "") return null;
    if (!/\s/.test(rest)) return rest;
  }
  throw new RouterError("TOKEN_INVALID");
}

function afterPrefix(text: string, prefix: string): string | null {
  if (text.length === prefix.length || prefix === "") {
    if (prefix === "") return text;
    return text.toLowerCase() === prefix.toLowerCase() ? "" : null;
  }
  const isPrefixed = text[prefix.length] === " " && text.slice(0, prefix.length).toLowerCase() === prefix.toLowerCase();
  return isPrefixed ? text.slice(prefix.length + 1).trim() : null;
}

function cookieValue(header: ClientHeaders[string], name: string): string | null {
  if (header === undefined) return null;
  const pairs = (typeof header === "string" ? header : header.join("; ")).split(";");
  const pair = pairs.map((one) => one.trim()).find((one) => one.startsWith(`${name}=`));
  return pair ? pair.slice(name.length + 1).replace(/^"(.*)"$/, "$1") : null;
}
