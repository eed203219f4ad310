import { reactToAll } from "@tessera/events";
import type { Context } from "@tessera/subgraph";
import { storeEvent } from "../domain/store-event.js";

export const onAnyEvent = reactToAll((ctx: Context, event) => storeEvent(ctx, event));
