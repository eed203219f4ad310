/** A client of one subgraph, acting as one person. */
import { randomUUID } from "node:crypto";
import { scopesOfRoles } from "@tessera/access";
import type { Actor, RequestFacts, SubgraphConnection, SubgraphResult } from "@tessera/shared-types";

/** Who acts. Scopes come from the roles unless they are given. */
export interface Person {
  readonly id: string;
  readonly tenantId: string;
  readonly roles?: readonly string[];
  readonly scopes?: readonly string[];
  readonly attributes?: Actor["attributes"];
  readonly kind?: Actor["kind"];
  readonly sessionId?: string;
}

export type Variables = Readonly<Record<string, unknown>>;
// biome-ignore lint/suspicious/noExplicitAny: a test reads fields of a result it has just asked for
export type Data = any;

/** The first error of a failed operation, as the client got it. */
export interface ReceivedError {
  readonly message: string;
  readonly code: string;
  readonly details: Record<string, unknown>;
}

const requestMs = 20_000;

export class Client {
  readonly #connection: SubgraphConnection;
  readonly #actor: Actor | null;
  /** `name=value` pairs the subgraph has set, sent with every request like a browser does. */
  cookie: string | undefined;

  constructor(connection: SubgraphConnection, person: Person | null) {
    this.#connection = connection;
    this.#actor = person ? actorOf(person) : null;
  }

  /** The whole result, errors included. */
  async run(query: string, variables: Variables = {}): Promise<SubgraphResult> {
    const result = await this.#connection.execute({
      query,
      variables,
      facts: this.#facts(AbortSignal.timeout(requestMs)),
    });
    for (const cookie of result.setCookie ?? []) this.cookie = cookie.split(";")[0];
    return JSON.parse(JSON.stringify(result)) as SubgraphResult;
  }

  /** The data of an operation that must succeed. */
  async data(query: string, variables: Variables = {}): Promise<Data> {
    const { data, errors } = await this.run(query, variables);
    if (errors) throw new Error(`${errors[0]?.message} ${JSON.stringify(errors[0]?.extensions)}`);
    return data;
  }

  /** The first error of an operation that must fail. */
  async error(query: string, variables: Variables = {}): Promise<ReceivedError> {
    const { data, errors } = await this.run(query, variables);
    const first = errors?.[0];
    if (!first) throw new Error(`The operation was meant to fail, but answered ${JSON.stringify(data)}`);
    const { code, details } = first.extensions as { code: string; details: Record<string, unknown> };
    return { message: first.message, code, details };
  }

  /** One entity by id, the way the router asks for it. */
  async entity(typename: string, id: string, selection: string): Promise<Data> {
    const query = `query ($r: [_Any!]!) { _entities(representations: $r) { ... on ${typename} { ${selection} } } }`;
    const data = await this.data(query, { r: [{ __typename: typename, id }] });
    return data._entities[0];
  }

  /** Results of a subscription, until the caller stops reading or calls `return()`. */
  async subscribe(query: string, variables: Variables = {}): Promise<AsyncIterableIterator<SubgraphResult>> {
    return this.#connection.subscribe({ query, variables, facts: this.#facts(new AbortController().signal) });
  }

  #facts(signal: AbortSignal): RequestFacts {
    return {
      requestId: randomUUID(),
      actor: this.#actor,
      deadline: Date.now() + requestMs,
      signal,
      ...(this.cookie ? { cookie: this.cookie } : {}),
    };
  }
}

export function actorOf({
  id,
  tenantId,
  roles = [],
  scopes,
  attributes = {},
  kind = "user",
  sessionId,
}: Person): Actor {
  const granted = scopes ? new Set(scopes) : scopesOfRoles(roles);
  return { kind, id, tenantId, roles, scopes: granted, attributes, ...(sessionId ? { sessionId } : {}) };
}
