/** Streams of clients, and how subgraphs may deliver theirs. */
import type { CallbackReceiverOptions } from "../../subgraphs/streams/callback-receiver.js";
import type { SubscriptionOptions } from "../../subscription/subscriptions.js";
import { type Schema, section, text, url, whole } from "../schema-parts.js";

export interface SubscriptionsConfig extends SubscriptionOptions {
  readonly heartbeatMs?: number;
  readonly callback?: CallbackReceiverOptions;
}

const callback = section<CallbackReceiverOptions>(
  { description: "Lets subgraphs deliver events over HTTP. Default: they cannot.", required: ["publicUrl"] },
  {
    publicUrl: url({
      description: "How subgraphs reach the router, with the path.",
      examples: ["https://router.internal/callback"],
    }),
    path: text({ description: "The path on the router itself. Default: that of publicUrl.", examples: ["/callback"] }),
    heartbeatMs: whole({ description: "How often a subgraph has to show that it is there; 0: never.", default: 5_000 }),
    maxMessageBytes: whole({ description: "Bytes of one message.", default: 16 * 1024 * 1024, minimum: 1 }),
  },
);

export const subscriptionsSchema: Schema<SubscriptionsConfig> = section<SubscriptionsConfig>(
  { description: "Streams of clients." },
  {
    heartbeatMs: whole({ description: "Silence after which a sign of life is sent.", default: 12_000, minimum: 1 }),
    maxPerClient: whole({ description: "Streams one person, key or address may have open.", default: 100, minimum: 1 }),
    maxPerTenant: whole({ description: "Streams of all clients of a tenant.", default: 10_000, minimum: 1 }),
    maxQueued: whole({
      description: "Events that may wait for a slow client; more end its stream.",
      default: 1_000,
      minimum: 1,
    }),
    resume: section<NonNullable<SubscriptionOptions["resume"]>>(
      {
        description: "Lets a client that lost its stream go on after the last event it has. Default: off.",
        required: ["events", "seconds"],
      },
      {
        events: whole({ description: "Events that are kept for one stream.", minimum: 1, examples: [100] }),
        seconds: whole({ description: "How long they are kept.", minimum: 1, examples: [60] }),
      },
    ),
    callback,
  },
);
