/** Who acts, as tasks and approvals see it. */
import type { Context } from "@tessera/subgraph";
import { errors } from "../errors.js";

export interface Who {
  readonly id: string;
  readonly roles: readonly string[];
  /** Holds `workflow:admin`. */
  readonly administers: boolean;
}

/** @throws PERSON_REQUIRED for services and modules */
export function personActing({ actor }: Context): Who {
  if (actor?.kind !== "user") throw errors.PERSON_REQUIRED();
  return { id: actor.id, roles: actor.roles, administers: actor.scopes.has("workflow:admin") };
}

/** The person acting; null for a module or a service. */
export function personOf({ actor }: Context): string | null {
  return actor?.kind === "user" ? actor.id : null;
}

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

export const isPersonId = (id: unknown): id is string => typeof id === "string" && uuid.test(id);

/** @throws PERSON_INVALID */
export function checkPersonId(id: unknown): string {
  if (!isPersonId(id)) throw errors.PERSON_INVALID({ id: String(id).slice(0, 60) });
  return id.toLowerCase();
}
