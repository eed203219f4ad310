/**
 * How many requests used each field, by client. A request costs one addition whatever it selects: counts are kept for
 * each operation and spread over its fields when somebody reads them.
 */
import { type GraphQLSchema, isInterfaceType, isIntrospectionType, isObjectType } from "graphql";
import type { OperationFacts } from "./operation-facts.js";

/** Section `telemetry.usage`. */
export interface UsageOptions {
  /** Fields that are counted; further ones are not. Default 20,000. */
  readonly maxFields?: number;
  /** Clients that are told apart; further ones count as `(others)`. Default 100. */
  readonly maxClients?: number;
}

export interface UsageReport {
  /** ISO 8601: since when is counted. */
  readonly since: string;
  readonly requests: number;
  /** The most used first. */
  readonly fields: readonly FieldUsage[];
  /** Fields of the schema nobody has asked for. */
  readonly unused: readonly string[];
}

export interface FieldUsage {
  /** `Type.field` */
  readonly field: string;
  readonly requests: number;
  /** By the name the client gives itself; `(unnamed)` for those that give none. */
  readonly clients: Readonly<Record<string, number>>;
}

/** Operations whose counts are kept apart before they are spread over fields. */
const mostOperations = 2_000;
const others = "(others)";

export class UsageCounts {
  readonly #options: Required<UsageOptions>;
  readonly #since = new Date();
  readonly #clients = new Set<string>();
  readonly #fields = new Map<string, Map<string, number>>();
  #pending = new Map<OperationFacts, Map<string, number>>();
  #requests = 0;

  constructor({ maxFields = 20_000, maxClients = 100 }: UsageOptions = {}) {
    this.#options = { maxFields, maxClients };
  }

  count(facts: OperationFacts, clientName: string): void {
    this.#requests += 1;
    const client = this.#bounded(clientName === "" ? "(unnamed)" : clientName);
    let counts = this.#pending.get(facts);
    if (!counts) {
      if (this.#pending.size >= mostOperations) this.#spread();
      counts = new Map();
      this.#pending.set(facts, counts);
    }
    counts.set(client, (counts.get(client) ?? 0) + 1);
  }

  /** `top`: that many fields; all without it. `schema`: what the unused fields are those of. */
  report({
    top,
    schema,
  }: {
    readonly top?: number | undefined;
    readonly schema?: GraphQLSchema | undefined;
  }): UsageReport {
    this.#spread();
    const fields = [...this.#fields].map(([field, clients]) => ({
      field,
      requests: [...clients.values()].reduce((sum, count) => sum + count, 0),
      clients: Object.fromEntries(clients),
    }));
    fields.sort((a, b) => b.requests - a.requests || (a.field < b.field ? -1 : 1));
    return {
      since: this.#since.toISOString(),
      requests: this.#requests,
      fields: fields.slice(0, top),
      unused: schema ? fieldsIn(schema).filter((field) => !this.#fields.has(field)) : [],
    };
  }

  #bounded(client: string): string {
    if (this.#clients.has(client)) return client;
    if (this.#clients.size >= this.#options.maxClients) return others;
    this.#clients.add(client);
    return client;
  }

  #spread(): void {
    const pending = this.#pending;
    this.#pending = new Map();
    for (const [{ fields }, counts] of pending) {
      for (const field of fields) this.#add(field, counts);
    }
  }

  #add(field: string, counts: ReadonlyMap<string, number>): void {
    let known = this.#fields.get(field);
    if (!known) {
      if (this.#fields.size >= this.#options.maxFields) return;
      known = new Map();
      this.#fields.set(field, known);
    }
    for (const [client, count] of counts) known.set(client, (known.get(client) ?? 0) + count);
  }
}

function fieldsIn(schema: GraphQLSchema): string[] {
  return Object.values(schema.getTypeMap()).flatMap((type) => {
    if (isIntrospectionType(type) || !(isObjectType(type) || isInterfaceType(type))) return [];
    return Object.keys(type.getFields()).map((field) => `${type.name}.${field}`);
  });
}
