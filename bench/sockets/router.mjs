/** The router with one subgraph in its own process, whose events are published over IPC: `node router.mjs` */

import { fileURLToPath } from "node:url";
import { compose, startRouter } from "@tessera/router";
import { createTelemetry } from "@tessera/telemetry";

const sdl = `
  extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key"])
  type Query { ok: Boolean }
  type Subscription { news: News! }
  type News { number: Int! text: String! long: String! }
`;
const text = "The emissions of the site were calculated anew. ".repeat(20);
const long = "x".repeat(1024 * 1024);

/** A stream per subscription of the router, as a subgraph has one. */
const streams = new Set();

class Stream {
  #waiting = [];
  #reader = null;

  push(number) {
    const value = { data: { news: { number, text, long, __typename: "News" } } };
    if (this.#reader) this.#reader({ done: false, value });
    else this.#waiting.push(value);
    this.#reader = null;
  }

  next() {
    const value = this.#waiting.shift();
    if (value) return Promise.resolve({ done: false, value });
    return new Promise((resolve) => {
      this.#reader = resolve;
    });
  }

  async return() {
    streams.delete(this);
    this.#reader?.({ done: true, value: undefined });
    return { done: true, value: undefined };
  }

  [Symbol.asyncIterator]() {
    return this;
  }
}

/** Sends what was selected, as a subgraph would. */
function selecting(stream, query) {
  const names = ["number", "text", "long"].filter((name) => new RegExp(`\\b${name}\\b`).test(query));
  const next = async () => {
    const result = await stream.next();
    if (result.done) return result;
    const { news } = result.value.data;
    return { done: false, value: { data: { news: Object.fromEntries(names.map((name) => [name, news[name]])) } } };
  };
  return { next, return: () => stream.return(), [Symbol.asyncIterator]: () => selecting(stream, query) };
}

const connection = {
  name: "news",
  execute: async () => ({ data: { ok: true } }),
  async subscribe({ query }) {
    const stream = new Stream();
    streams.add(stream);
    return selecting(stream, query);
  },
  close: async () => {},
};

const { supergraphSdl } = compose([
  { name: "news", sdl, file: fileURLToPath(import.meta.url), url: "http://127.0.0.1" },
]);
const router = await startRouter({
  supergraphSdl,
  connections: [connection],
  verifier: { verify: () => Promise.reject(new Error("Nobody signs in here.")) },
  telemetry: createTelemetry({ service: "bench", level: "error" }),
  port: 0,
  host: "127.0.0.1",
  // All clients are one machine without a name here.
  subscriptions: { maxPerClient: 1_000_000 },
});

const cpuMs = () => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
};

const commands = {
  cpu: () => ({ cpuMs: cpuMs() }),
  resident: () => ({ rss: process.memoryUsage.rss() }),
  memory() {
    globalThis.gc?.();
    const { rss, heapUsed } = process.memoryUsage();
    return { rss, heapUsed, streams: streams.size };
  },
  publish({ number }) {
    const at = Number(process.hrtime.bigint()) / 1e6;
    for (const stream of streams) stream.push(number);
    return { at };
  },
};

process.on("message", ({ id, command, ...given }) => process.send({ id, ...commands[command](given) }));
process.send({ ready: true, port: router.port });
