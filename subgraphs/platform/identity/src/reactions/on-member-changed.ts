import { react } from "@tessera/events";
import { platformEvents } from "@tessera/shared-types";
import type { Context } from "@tessera/subgraph";
import { forgetMember } from "../domain/caches.js";

/** Drops what is kept of the member, should the process that changed it have ended before it could. */
export const onMemberChanged = react(platformEvents.memberChanged, (ctx: Context, { userId }) =>
  forgetMember(ctx, userId),
);
