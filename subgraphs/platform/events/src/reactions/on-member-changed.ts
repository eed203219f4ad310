import { react } from "@tessera/events";
import { platformEvents } from "@tessera/shared-types";
import type { Context } from "@tessera/subgraph";
import { erasePerson } from "../domain/store-events.js";

/** Looking through millions of payloads takes its time, once. */
const timeoutMs = 600_000;

export const onMemberChanged = react(
  platformEvents.memberChanged,
  async (ctx: Context, { userId, change }, event) => {
    if (change === "erased") await erasePerson(ctx, userId, event);
  },
  { timeoutMs },
);
