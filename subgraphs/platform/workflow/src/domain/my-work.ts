/** Work of people, seen by themselves and by who administers workflows. */
import { type EventEnvelope, platformEvents } from "@tessera/shared-types";
import type { Context } from "@tessera/subgraph";
import { personActing } from "./who.js";

/** The person by name only, without what their roles would let them do. @throws FORBIDDEN */
export function mustBeSelf(ctx: Context, personId: string): { readonly id: string; readonly roles: readonly string[] } {
  if (ctx.actor?.kind !== "user" || ctx.actor.id !== personId) ctx.require("workflow:admin");
  return { id: personId, roles: [] };
}

export type TaskChange = EventEnvelope<{ readonly taskId: string }>;

/** Changes of tasks that the person has, had until now, or may claim. */
export function watchMyTasks(ctx: Context): AsyncIterable<TaskChange> {
  const { id, roles } = personActing(ctx);
  return ctx.live(
    platformEvents.workflowTaskChanged,
    ({ payload }) => payload.people.includes(id) || payload.roles.some((role) => roles.includes(role)),
  );
}
