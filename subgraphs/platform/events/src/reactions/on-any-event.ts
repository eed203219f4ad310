import { anyEvent, reactTogether } from "@tessera/events";
import type { Context } from "@tessera/subgraph";
import { storeEvents } from "../domain/store-events.js";

export const onAnyEvent = reactTogether(anyEvent, (ctx: Context, events) => storeEvents(ctx, events));
