/** How many streams one client and one tenant have open. */
import type { Actor } from "@tessera/shared-types";
import { RouterError } from "../errors/router-error.js";
import type { RequestContext } from "../request/request-context.js";
import { Counts } from "./counts.js";

/** One client: a person or machine, or whoever has an address. Two tenants, and two issuers, may use the same id. */
export function clientKey(actor: Actor | null | undefined, address: string | undefined): string {
  return actor ? `client ${actor.tenantId} ${actor.kind} ${actor.id}` : `address ${address ?? ""}`;
}

export class SubscriptionCaps {
  #perClient: number;
  #perTenant: number;
  readonly #open = new Counts();

  constructor(perClient: number, perTenant: number) {
    this.#perClient = perClient;
    this.#perTenant = perTenant;
  }

  /** For streams from now on; those that are open count as before. */
  setLimits(perClient: number, perTenant: number): void {
    this.#perClient = perClient;
    this.#perTenant = perTenant;
  }

  /** Counts one more stream; call what comes back when it ends. @throws RouterError TOO_MANY_SUBSCRIPTIONS */
  enter({ facts: { actor, clientAddress } }: RequestContext): () => void {
    const client = clientKey(actor, clientAddress);
    const tenant = actor ? `tenant ${actor.tenantId}` : null;
    this.#refuseAbove(this.#perClient, client);
    if (tenant) this.#refuseAbove(this.#perTenant, tenant);
    const counted = tenant ? [client, tenant] : [client];
    for (const key of counted) this.#open.add(key, 1);
    return once(() => {
      for (const key of counted) this.#open.add(key, -1);
    });
  }

  #refuseAbove(limit: number, key: string): void {
    if (this.#open.of(key) >= limit) throw new RouterError("TOO_MANY_SUBSCRIPTIONS", { limit });
  }
}

function once(work: () => void): () => void {
  let isDone = false;
  return () => {
    if (isDone) return;
    isDone = true;
    work();
  };
}
