import { platformEvents } from "@tessera/shared-types";
import type { Context } from "@tessera/subgraph";
import { addDashboard, type DashboardRow } from "../queries/dashboards.js";
import { checkDescription, checkName } from "./widget-content.js";

export interface NewDashboard {
  readonly name: string;
  readonly description: string;
  /** For dashboards that others refer to before they exist. */
  readonly id?: string;
}

/** @throws NAME_INVALID, TEXT_TOO_LONG */
export async function createDashboard(ctx: Context, dashboard: NewDashboard): Promise<DashboardRow> {
  checkName(dashboard.name);
  checkDescription(dashboard.description);
  return ctx.transaction(async (tx) => {
    const row = await addDashboard(tx, { ...dashboard, createdBy: personOf(ctx) });
    const payload = { dashboardId: row.id, name: row.name };
    tx.publish(platformEvents.dashboardCreated, { aggregateId: row.id, payload });
    return row;
  });
}

/** The person acting; null for a module or a service. */
export function personOf({ actor }: Context): string | null {
  return actor?.kind === "user" ? actor.id : null;
}
