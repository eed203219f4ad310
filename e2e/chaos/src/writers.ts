/**
 * Writers know what they asked for and what they were told. Whoever gets no answer asks again with the same id, or walks
 * away and never learns whether it was committed: then only the database knows.
 */
import { createHash } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { demoPassword, organizations, people } from "@tessera/demo-world";
import { fateOf } from "../subgraphs/fate.js";
import type { Evidence } from "./evidence.js";
import type { ChaosOptions } from "./options.js";

export interface Mutation {
  readonly id: string;
  readonly writer: number;
  readonly movements: readonly { readonly key: string; readonly amount: number }[];
  /** To be refused after it wrote and published everything. */
  readonly doomed: boolean;
  /** Gives up at the first lost answer. */
  readonly walksAway: boolean;
  /** Milliseconds after which the first attempt is broken off, if at all. */
  readonly impatient: number | null;
}

export type Outcome = "recorded" | "refused" | "unknown";

export interface Writing {
  /** Mutations that are through, whatever their outcome. */
  readonly through: number;
  readonly asked: readonly { readonly mutation: Mutation; readonly outcome: Outcome }[];
  /** Codes of errors writers were given, and how often. */
  readonly codes: ReadonlyMap<string, number>;
  /** Resolves when the last one is through. */
  readonly done: Promise<void>;
  stop(): void;
}

const keysPerTenant = 40;
const answerMs = 15_000;
const recordMovements = `mutation ($id: ID!, $movements: [ChaosMovement!]!, $doomed: Boolean!) {
  recordMovements(id: $id, movements: $movements, doomed: $doomed) { isNew }
}`;
const logIn = `mutation ($email: String!, $password: String!, $organization: ID) {
  login(email: $email, password: $password, organizationId: $organization) { accessToken }
}`;

/** Two organizations with keys of the same names. */
export const tenants = [
  { id: organizations.thistlemoor.id, email: people.priya.email },
  { id: organizations.pinehollow.id, email: people.mateo.email },
] as const;

export const tenantOf = (writer: number): string => tenants[writer % tenants.length]?.id ?? "";

/** The `n`-th mutation of a writer. */
export function mutationOf(seed: number, writer: number, n: number): Mutation {
  const chance = (what: string): number => fateOf(seed, "mutation", writer, n, what);
  const count = chance("size") < 0.75 ? 1 : 2 + Math.floor(2 * chance("more"));
  // Squared, so that some keys are much busier than others.
  const keys = Array.from(
    { length: count },
    (_, index) => `k${Math.floor(keysPerTenant * chance(`key ${index}`) ** 2)}`,
  );
  return {
    id: uuidOf(`${seed}|${writer}|${n}`),
    writer,
    movements: [...new Set(keys)].map((key) => ({ key, amount: Math.floor(200 * chance(`amount ${key}`)) - 100 })),
    doomed: chance("doom") < 0.04,
    walksAway: chance("walk away") < 0.2,
    impatient: chance("impatience") < 0.02 ? Math.floor(40 * chance("patience")) : null,
  };
}

function uuidOf(text: string): string {
  const hex = createHash("sha256").update(text).digest("hex");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

export function startWriters(options: ChaosOptions, urls: readonly string[], evidence: Evidence): Writing {
  const state = {
    asked: [] as { mutation: Mutation; outcome: Outcome }[],
    codes: new Map<string, number>(),
    stopped: false,
    begun: 0,
  };
  const writer = async (number: number): Promise<void> => {
    const door = new Door(number, urls, state.codes);
    for (let n = 0; state.begun < options.size && !state.stopped; n++) {
      state.begun += 1;
      const mutation = mutationOf(options.seed, number, n);
      const { outcome, attempts } = await perform(door, mutation, () => state.stopped);
      state.asked.push({ mutation, outcome });
      evidence.note("mutations", { ...mutation, outcome, attempts });
    }
  };
  const done = Promise.all(Array.from({ length: options.writers }, (_, number) => writer(number))).then(() => {});
  return {
    get through() {
      return state.asked.length;
    },
    ...{ asked: state.asked, codes: state.codes, done },
    stop: () => {
      state.stopped = true;
    },
  };
}

async function perform(
  door: Door,
  asked: Mutation,
  stopped: () => boolean,
): Promise<{ outcome: Outcome; attempts: number }> {
  const { id, movements, doomed } = asked;
  for (let attempts = 1; ; attempts++) {
    const patience = attempts === 1 && asked.impatient !== null ? asked.impatient : answerMs;
    const code = await door.ask(recordMovements, { id, movements, doomed }, patience);
    if (code === null) return { outcome: "recorded", attempts };
    if (code === "CHAOS_REFUSED") return { outcome: "refused", attempts };
    if (asked.walksAway || stopped()) return { outcome: "unknown", attempts };
    await sleep(20 + Math.min(1_000, 20 * 2 ** attempts) * Math.random());
  }
}

/** A writer's way to the installation: any server that answers, as one person. */
class Door {
  #server: number;
  #token: string | null = null;

  constructor(
    readonly writer: number,
    readonly urls: readonly string[],
    readonly codes: Map<string, number>,
  ) {
    this.#server = writer;
  }

  /** The code of the first error, null when there was none. The next attempt goes to another server. */
  async ask(query: string, variables: object, patience: number): Promise<string | null> {
    this.#token ??= await this.#login();
    const code = this.#token === null ? "NO_LOGIN" : (await this.#post(query, variables, patience)).code;
    if (code === null || code === "CHAOS_REFUSED") return code;
    this.codes.set(code, (this.codes.get(code) ?? 0) + 1);
    if (/^(TOKEN_|UNAUTHENTICATED)/.test(code)) this.#token = null;
    this.#server += 1;
    return code;
  }

  async #login(): Promise<string | null> {
    const tenant = tenants[this.writer % tenants.length];
    const variables = { email: tenant?.email, password: demoPassword, organization: tenant?.id };
    const { data } = await this.#post(logIn, variables, answerMs);
    return (data as { login?: { accessToken: string } } | null)?.login?.accessToken ?? null;
  }

  async #post(query: string, variables: object, patience: number): Promise<{ code: string | null; data: unknown }> {
    const url = `${this.urls[this.#server % this.urls.length]}/graphql`;
    const headers = {
      "content-type": "application/json",
      ...(this.#token && { authorization: `Bearer ${this.#token}` }),
    };
    try {
      const body = JSON.stringify({ query, variables });
      const response = await fetch(url, { method: "POST", headers, body, signal: AbortSignal.timeout(patience) });
      const { data, errors } = (await response.json()) as Answer;
      return { code: errors?.[0] ? (errors[0].extensions?.code ?? "NO_CODE") : null, data };
    } catch {
      return { code: "NO_ANSWER", data: null };
    }
  }
}

interface Answer {
  readonly data: unknown;
  readonly errors?: readonly { readonly extensions?: { readonly code?: string } }[];
}
