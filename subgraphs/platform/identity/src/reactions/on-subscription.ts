import { react } from "@tessera/events";
import { platformEvents } from "@tessera/shared-types";
import type { Context } from "@tessera/subgraph";
import { applySubscription } from "../domain/apply-subscription.js";

/** A new subscription sets the organization's tier. */
export const onSubscriptionCreated = react(platformEvents.subscriptionCreated, (ctx: Context, state, event) =>
  applySubscription(ctx, state, new Date(event.occurredAt)),
);

/** So does a changed one. */
export const onSubscriptionUpdated = react(platformEvents.subscriptionUpdated, (ctx: Context, state, event) =>
  applySubscription(ctx, state, new Date(event.occurredAt)),
);
