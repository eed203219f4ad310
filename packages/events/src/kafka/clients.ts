/** Makes clients of the broker. None of them tries again by itself: whoever uses one decides what comes next. */
import { Admin, Consumer, Producer } from "@platformatic/kafka";
import type { Address } from "./address.js";

/** A member that is silent for so long has lost its partitions. */
export const sessionMs = 10_000;
/** How long the others may take to finish what they have in hand when the members of a group change. */
export const rebalanceMs = 30_000;

export class Clients {
  constructor(
    readonly address: Address,
    readonly prefix: string,
  ) {}

  producer(): Producer<string, string, string, string> {
    const text = (data?: string): Buffer | undefined => (data === undefined ? undefined : Buffer.from(data));
    const serializers = { key: text, value: text, headerKey: text, headerValue: text };
    return watched(new Producer({ ...this.#options(), acks: -1, serializers }));
  }

  admin(): Admin {
    return watched(new Admin(this.#options()));
  }

  consumer(groupId: string): Consumer {
    const group = { sessionTimeout: sessionMs, rebalanceTimeout: rebalanceMs, heartbeatInterval: 1000 };
    return watched(new Consumer({ ...this.#options(), ...group, groupId, autocommit: false, isolationLevel: 0 }));
  }

  #options() {
    return {
      ...this.address,
      clientId: this.prefix,
      retries: 0,
      connectTimeout: 3000,
      // A member that joins waits for the others.
      requestTimeout: rebalanceMs + 5000,
    };
  }
}

/** Failures reach whoever asked; an event without a listener would end the process. */
function watched<Client extends { on(event: "error", listener: () => void): unknown }>(client: Client): Client {
  client.on("error", () => {});
  return client;
}

/** At once, without leaving a group; what is under way fails. */
export async function cutOff(client: { readonly connections: { close(): Promise<void> } }): Promise<void> {
  await client.connections.close().catch(() => {});
}

interface Closable {
  close(): Promise<void>;
}

/** One client for many requests, made anew after a failure: a connection that missed an answer cannot be used again. */
export class Renewed<Client extends Closable> {
  #client: Client | null = null;
  #closed = false;

  constructor(readonly make: () => Client) {}

  async use<T>(work: (client: Client) => Promise<T>, withinMs = 20_000): Promise<T> {
    if (this.#closed) throw new Error("The bus is closed.");
    this.#client ??= this.make();
    const client = this.#client;
    try {
      return await within(withinMs, work(client));
    } catch (error) {
      if (this.#client === client) this.#client = null;
      void client.close().catch(() => {});
      throw error;
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#client?.close().catch(() => {});
  }
}

export async function within<T>(milliseconds: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`Kafka did not answer within ${milliseconds} ms.`)), milliseconds);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
