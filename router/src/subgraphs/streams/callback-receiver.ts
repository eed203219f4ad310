/**
 * Where subgraphs send the events of subscriptions by HTTP callbacks, protocol `callback/1.0`:
 * https://www.apollographql.com/docs/graphos/routing/operations/subscriptions/callback-protocol
 */
import { randomBytes, randomUUID } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { RouterError } from "../../errors/router-error.js";
import { isResponse, toResult } from "../wire/graphql-answer.js";
import { readJsonBody } from "./callback-body.js";
import { type CallbackMessage, isMessageFor, readMessage } from "./callback-message.js";
import { streamFailure } from "./stream-failure.js";
import type { EventSink } from "./stream-source.js";

/** Section `subscriptions.callback`. */
export interface CallbackReceiverOptions {
  /** How subgraphs reach `path` of this router, such as `https://router.internal/callback`. */
  readonly publicUrl: string;
  /** Path on the router's own server. Default: that of `publicUrl`. */
  readonly path?: string;
  /** How often a subgraph has to show that it is there; one that misses two is gone. 0: never. Default 5,000. */
  readonly heartbeatMs?: number;
  /** Bytes of one message. Default 16 MiB. */
  readonly maxMessageBytes?: number;
}

/** Takes the events of subscriptions that subgraphs call back for; one serves all of them. */
export interface CallbackReceiver {
  /** What the paths of all callbacks start with, on the router's own server. */
  readonly path: string;
  /** Answers a request to the callback path. False, and untouched, when it is for somebody else. */
  handle(request: IncomingMessage, response: ServerResponse): Promise<boolean>;
  open(subgraph: string, sink: EventSink): CallbackTicket;
  /** Ends every stream. */
  close(): void;
}

/** One subscription that is called back for. */
export interface CallbackTicket {
  /** For `extensions.subscription` of the operation. */
  readonly extension: {
    readonly callbackUrl: string;
    readonly subscriptionId: string;
    readonly verifier: string;
    readonly heartbeatIntervalMs: number;
  };
  /** From now on the subgraph is told that nobody is interested. */
  close(): void;
}

interface Waiting {
  readonly subgraph: string;
  readonly verifier: string;
  readonly sink: EventSink;
  /** When the subgraph was last heard of. */
  seen: number;
}

const protocol = { "subscription-protocol": "callback/1.0" };

/** `now` in milliseconds that never go back. */
export function createCallbackReceiver(
  options: CallbackReceiverOptions,
  now: () => number = () => performance.now(),
): CallbackReceiver {
  const { publicUrl, heartbeatMs = 5_000, maxMessageBytes = 16 * 1024 * 1024 } = options;
  const base = publicUrl.replace(/\/+$/, "");
  const path = `${(options.path ?? new URL(publicUrl).pathname).replace(/\/+$/, "")}/`;
  const streams = new Map<string, Waiting>();
  const watch =
    heartbeatMs > 0 ? setInterval(() => endSilent(streams, now() - 2 * heartbeatMs), heartbeatMs).unref() : undefined;

  return {
    path,
    handle: async (request, response) => {
      const { pathname } = new URL(request.url ?? "/", "http://router");
      if (!pathname.startsWith(path)) return false;
      const message = await readJsonBody(request, maxMessageBytes);
      const status = answerTo(readMessage(message), pathname.slice(path.length), request.method, streams, now());
      response.writeHead(status, protocol).end();
      return true;
    },
    open: (subgraph, sink) => {
      const subscriptionId = randomUUID();
      const verifier = randomBytes(24).toString("base64url");
      streams.set(subscriptionId, { subgraph, verifier, sink, seen: now() });
      const callbackUrl = `${base}/${subscriptionId}`;
      return {
        extension: { callbackUrl, subscriptionId, verifier, heartbeatIntervalMs: heartbeatMs },
        close: () => void streams.delete(subscriptionId),
      };
    },
    close: () => {
      clearInterval(watch);
      for (const { sink } of streams.values()) sink.fail(new RouterError("SHUTTING_DOWN"));
      streams.clear();
    },
  };
}

function answerTo(
  message: CallbackMessage | null,
  id: string,
  method: string | undefined,
  streams: Map<string, Waiting>,
  now: number,
): number {
  if (method !== "POST") return 405;
  const stream = streams.get(id);
  if (!stream) return 404;
  if (!message || message.id !== id) return 400;
  if (!isMessageFor(message, stream.verifier)) return 401;
  stream.seen = now;
  return deliver(message, stream, () => streams.delete(id));
}

function deliver({ action, payload, errors }: CallbackMessage, stream: Waiting, over: () => void): number {
  if (action === "check") return 204;
  if (action === "next") {
    if (!isResponse(payload)) return 400;
    stream.sink.push(toResult(payload));
    return 200;
  }
  over();
  if (errors?.length) stream.sink.fail(streamFailure(errors, stream.subgraph));
  else stream.sink.complete();
  return 202;
}

function endSilent(streams: Map<string, Waiting>, since: number): void {
  for (const [id, { seen, sink, subgraph }] of streams) {
    if (seen >= since) continue;
    streams.delete(id);
    sink.fail(new RouterError("SUBGRAPH_UNAVAILABLE", { subgraph }));
  }
}
