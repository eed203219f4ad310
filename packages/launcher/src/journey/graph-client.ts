/** A client like any other: GraphQL over HTTP, subscriptions over WebSocket, nothing but the public address. */
import { createClient } from "graphql-ws";
import { WebSocket } from "ws";

// biome-ignore lint/suspicious/noExplicitAny: the journey reads fields of an answer it has just asked for
export type Data = any;

export class JourneyFailed extends Error {
  override readonly name = "JourneyFailed";
}

export interface Live {
  /** The next update; rejects when none comes in time. */
  next(milliseconds: number): Promise<Data>;
  close(): Promise<void>;
}

export class GraphClient {
  readonly #url: string;
  #token: string | null = null;

  /** `url` of the router, without a path. */
  constructor(url: string) {
    this.#url = url;
  }

  async login(email: string, password: string): Promise<void> {
    const mutation =
      "mutation ($email: String!, $password: String!) { login(email: $email, password: $password) { accessToken } }";
    this.#token = (await this.ask(mutation, { email, password })).login.accessToken;
  }

  /** The data of an operation. @throws JourneyFailed with the server's sentences when it reports errors */
  async ask(query: string, variables: Record<string, unknown> = {}): Promise<Data> {
    const headers = { "content-type": "application/json", ...this.#headers() };
    const response = await fetch(`${this.#url}/graphql`, {
      method: "POST",
      headers,
      body: JSON.stringify({ query, variables }),
    });
    const { data, errors } = (await response.json()) as { data?: Data; errors?: { message: string }[] };
    if (errors?.[0]) throw new JourneyFailed(`The server refused: ${errors.map(({ message }) => message).join("; ")}`);
    return data;
  }

  #headers(): Record<string, string> {
    return this.#token === null ? {} : { authorization: `Bearer ${this.#token}` };
  }

  /** Updates from the moment the returned promise resolves. */
  async subscribe(query: string, variables: Record<string, unknown>): Promise<Live> {
    let connected: () => void = () => {};
    const open = new Promise<void>((resolve) => {
      connected = resolve;
    });
    const url = `${this.#url.replace(/^http/, "ws")}/graphql`;
    const client = createClient({
      url,
      webSocketImpl: WebSocket,
      lazy: false,
      retryAttempts: 0,
      connectionParams: this.#headers(),
      on: { connected },
    });
    await Promise.race([open, after(10_000, "The WebSocket did not open.")]);
    const updates = client.iterate<Data>({ query, variables });
    return {
      next: async (milliseconds) =>
        received(await Promise.race([updates.next(), after(milliseconds, "No live update came.")])),
      close: async () => client.dispose(),
    };
  }
}

interface Received {
  readonly data?: Data;
  readonly errors?: readonly { readonly message: string }[] | undefined;
}

function received({ value, done }: IteratorResult<Received, unknown>): Data {
  if (done) throw new JourneyFailed("The server ended the subscription.");
  if (value.errors?.[0]) throw new JourneyFailed(`The subscription failed: ${value.errors[0].message}`);
  return value.data;
}

function after(milliseconds: number, message: string): Promise<never> {
  return new Promise((_, reject) => {
    setTimeout(() => reject(new JourneyFailed(`${message} Waited ${milliseconds / 1000} s.`)), milliseconds).unref();
  });
}
