import { type EventEnvelope, platformEvents } from "@tessera/shared-types";
import type { Context } from "@tessera/subgraph";
import { errors } from "../errors.js";
import { dashboardsById } from "../queries/dashboards.js";
import { coalesce } from "./coalesce-updates.js";

export interface DashboardUpdate {
  readonly dashboardId: string;
  readonly changedMetrics: readonly string[];
  readonly at: string;
  readonly reason: string;
}

/** Long enough for the events of one import step, short enough to feel immediate. */
const burstMs = 100;

type Change = EventEnvelope<{ metricKeys: string[]; reason: string }>;

/** Changes of one dashboard from now on, bursts as one. @throws DASHBOARD_NOT_FOUND */
export async function watchDashboard(ctx: Context, dashboardId: string): Promise<AsyncIterable<DashboardUpdate>> {
  // Listening starts before the dashboard is looked up, so that nothing falls between the two.
  const changes = ctx.live(platformEvents.dashboardChanged, ({ payload }) =>
    payload.dashboardIds.includes(dashboardId),
  );
  if (!(await ctx.load(dashboardsById, dashboardId))) {
    await changes.return?.();
    throw errors.DASHBOARD_NOT_FOUND({ id: dashboardId });
  }
  return updatesOf(coalesce<Change>(changes as AsyncIterableIterator<Change>, merge, burstMs), dashboardId);
}

async function* updatesOf(changes: AsyncIterable<Change>, dashboardId: string): AsyncGenerator<DashboardUpdate> {
  for await (const { payload, occurredAt } of changes) {
    yield { dashboardId, changedMetrics: payload.metricKeys, at: occurredAt, reason: payload.reason };
  }
}

function merge(earlier: Change, later: Change): Change {
  const metricKeys = [...new Set([...earlier.payload.metricKeys, ...later.payload.metricKeys])].sort();
  return { ...later, payload: { ...later.payload, metricKeys } };
}
