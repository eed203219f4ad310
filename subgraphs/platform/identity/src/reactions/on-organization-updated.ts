import { react } from "@tessera/events";
import { platformEvents } from "@tessera/shared-types";
import type { Context } from "@tessera/subgraph";
import { forgetOrganization } from "../domain/caches.js";

/** Drops what is kept of the organization, should the process that changed it have ended before it could. */
export const onOrganizationUpdated = react(platformEvents.organizationUpdated, (ctx: Context) =>
  forgetOrganization(ctx),
);
