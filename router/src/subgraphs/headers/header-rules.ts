/** Which headers go from the client to a subgraph, and from its answer back to the client. The same words as in `router.yaml`. */

/** Names are compared without regard to case; `matching` is a regular expression for the whole name. */
export type HeaderRule = PropagateRule | InsertRule | RemoveRule;

/** Hands on what the client sent. */
export interface PropagateRule {
  readonly propagate:
    | { readonly named: string; readonly rename?: string /** When the client sent none. */; readonly default?: string }
    | { readonly matching: string };
}

/** Adds a header, or replaces one an earlier rule has put there. */
export interface InsertRule {
  readonly insert: { readonly name: string; readonly default?: string } & HeaderSource;
}

export type HeaderSource =
  | { readonly value: string }
  | { readonly fromHeader: string }
  /** Path in the verified actor, such as `tenantId` or `attributes.region`; lists are joined by commas. */
  | { readonly fromClaim: string }
  | { readonly fromFact: RequestFact; readonly prefix?: string };

/** What the router knows of a request without trusting a header: see `RequestFacts`. */
export type RequestFact = "token" | "cookie" | "clientAddress" | "userAgent" | "millisecondsLeft";

/** Takes back what earlier rules have put there. */
export interface RemoveRule {
  readonly remove: { readonly named: string } | { readonly matching: string };
}

/** Rules for the answer run for each subgraph in the order their answers come. */
export interface ResponseHeaderRule {
  readonly propagate: {
    readonly named: string;
    readonly rename?: string;
    readonly default?: string;
    /** What happens when several subgraphs answer with it. Default `last`. `set-cookie` is always appended, line by line. */
    readonly merge?: "first" | "last" | "append";
  };
}

/** What goes to one subgraph, and from it to the client. */
export interface HeaderRules {
  /** Applied in order. */
  readonly request?: readonly HeaderRule[];
  readonly response?: readonly ResponseHeaderRule[];
}

/** The section `headers` of the configuration: for all subgraphs, and for each of those that need more. */
export interface HeadersConfig extends HeaderRules {
  readonly subgraphs?: Readonly<Record<string, HeaderRules>>;
}

/** Rules for all come first, so those of one subgraph can replace or remove what they did. */
export function headerRulesFor(subgraph: string, { request, response, subgraphs }: HeadersConfig): HeaderRules {
  const own = subgraphs?.[subgraph];
  return {
    request: [...(request ?? []), ...(own?.request ?? [])],
    response: [...(response ?? []), ...(own?.response ?? [])],
  };
}

/** RFC 9110 §7.6.1: about one connection, not about the message; and the framing, which the transport writes itself. */
export const neverForwarded: ReadonlySet<string> = new Set([
  "accept",
  "accept-encoding",
  "connection",
  "content-encoding",
  "content-length",
  "content-type",
  "expect",
  "host",
  "keep-alive",
  "proxy-authenticate",
  "proxy-authorization",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
]);
