import { platformEvents } from "@tessera/shared-types";
import type { Context } from "@tessera/subgraph";
import { updateSubscription } from "../queries/organizations.js";
import type { OrganizationRow, SubscriptionStatus } from "../tables.js";

export interface SubscriptionState {
  readonly subscriptionId: string;
  readonly organizationId: string;
  readonly tier: OrganizationRow["tier"];
  readonly status: SubscriptionStatus;
}

/**
 * The organization's tier follows its subscription; a cancelled one leaves the free tier. News that is older than what
 * is known already changes nothing. What is kept of the organization is dropped by the event, once this has committed.
 */
export async function applySubscription(ctx: Context, state: SubscriptionState, at: Date): Promise<void> {
  const { organizationId, subscriptionId, status } = state;
  const tier = status === "cancelled" ? "FREE" : state.tier;
  const news = { tier, subscriptionId, subscriptionStatus: status, subscriptionChangedAt: at };
  await ctx.transaction(async (tx) => {
    if (!(await updateSubscription(tx, organizationId, news))) return;
    const payload = { organizationId, changed: ["tier", "subscriptionStatus"] };
    tx.publish(platformEvents.organizationUpdated, { aggregateId: organizationId, payload });
  });
}
