/** A source of events the tests push into, and the GraphQL schema of a subgraph that hands them on. */
import type { SubgraphResult } from "@tessera/shared-types";
import { buildSchema, GraphQLError, parse, subscribe, validate } from "graphql";
import { EventQueue } from "../../src/subgraphs/event-queue.js";
import { contextOf } from "./servers.js";

const schema = buildSchema("type Query { ok: Boolean } type Subscription { number(from: Int): Int refused: Int }");

export interface Params {
  readonly query: string;
  readonly variables?: Readonly<Record<string, unknown>> | null;
}

interface Numbers {
  readonly number: number;
}

export class Feed {
  readonly #running = new Map<EventQueue<Numbers>, number>();

  /** Subscriptions that run. */
  get active(): number {
    return this.#running.size;
  }

  push(...values: number[]): void {
    for (const value of values) for (const [events, from] of this.#running) events.push({ number: from + value });
  }

  end(): void {
    for (const events of this.#running.keys()) events.complete();
    this.#running.clear();
  }

  /** What graphql-js makes of the operation: a stream of results, or a refusal. */
  async run({ query, variables }: Params) {
    const document = parse(query);
    const errors = validate(schema, document);
    if (errors.length > 0) return { errors };
    const rootValue = {
      number: ({ from = 0 }: { from?: number }) => this.#events(from),
      refused: () => {
        throw new GraphQLError("not for you", { extensions: { code: "FORBIDDEN" } });
      },
    };
    return subscribe({ schema, document, rootValue, variableValues: { ...variables } });
  }

  #events(from: number): EventQueue<Numbers> {
    const events: EventQueue<Numbers> = new EventQueue(1_000, () => this.#running.delete(events));
    this.#running.set(events, from);
    return events;
  }
}

export const numbers = "subscription ($from: Int) { number(from: $from) }";

export function asking(from = 0, signal = new AbortController().signal) {
  const context = contextOf({ signal });
  return { query: numbers, variables: { from }, facts: context.facts, context };
}

export async function numberIn(next: Promise<IteratorResult<SubgraphResult>>): Promise<unknown> {
  const { value, done } = await next;
  return done ? "over" : (value as SubgraphResult).data?.number;
}
