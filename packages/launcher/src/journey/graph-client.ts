/** A client like any other: GraphQL over HTTP, subscriptions over WebSocket, nothing but the public address. */
import { createClient } from "graphql-ws";
import { WebSocket } from "ws";
import type { TypedDocumentString as Operation } from "./generated/graphql.js";
import { login } from "./operations.js";

type Variables = Record<string, unknown>;

export class JourneyFailed extends Error {
  override readonly name = "JourneyFailed";
}

export interface Live<Data> {
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
    this.#token = (await this.ask(login, { email, password })).login.accessToken;
  }

  /** The data of an operation. @throws JourneyFailed with the server's sentences when it reports errors */
  async ask<Data, V extends Variables>(operation: Operation<Data, V>, variables: V): Promise<Data> {
    const headers = { "content-type": "application/json", ...this.#headers() };
    const response = await fetch(`${this.#url}/graphql`, {
      method: "POST",
      headers,
      body: JSON.stringify({ query: String(operation), variables }),
    });
    const { data, errors } = (await response.json()) as Received<Data>;
    if (errors?.[0]) throw new JourneyFailed(`The server refused: ${errors.map(({ message }) => message).join("; ")}`);
    return data as Data;
  }

  #headers(): Record<string, string> {
    return this.#token === null ? {} : { authorization: `Bearer ${this.#token}` };
  }

  /** Updates from the moment the returned promise resolves. */
  async subscribe<Data, V extends Variables>(operation: Operation<Data, V>, variables: V): Promise<Live<Data>> {
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
    const updates = client.iterate<Data>({ query: String(operation), variables });
    return {
      next: async (milliseconds) =>
        received(await Promise.race([updates.next(), after(milliseconds, "No live update came.")])),
      close: async () => client.dispose(),
    };
  }
}

interface Received<Data> {
  readonly data?: Data | null | undefined;
  readonly errors?: readonly { readonly message: string }[] | undefined;
}

function received<Data>({ value, done }: IteratorResult<Received<Data>, unknown>): Data {
  if (done) throw new JourneyFailed("The server ended the subscription.");
  if (value.errors?.[0]) throw new JourneyFailed(`The subscription failed: ${value.errors[0].message}`);
  return value.data as Data;
}

function after(milliseconds: number, message: string): Promise<never> {
  return new Promise((_, reject) => {
    setTimeout(() => reject(new JourneyFailed(`${message} Waited ${milliseconds / 1000} s.`)), milliseconds).unref();
  });
}
