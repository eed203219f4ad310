/** The router forgets what it keeps of a module's entities as soon as anybody hears that something has changed there. */
import type { Bus } from "@tessera/events";
import type { Router } from "@tessera/router";

export interface Outdating {
  close(): Promise<void>;
}

/**
 * Every event outdates what is kept of its source for its tenant. Reactions are announced when they are done, so the
 * modules that react follow their own events.
 */
export async function outdateEntities(bus: Bus, router: Router, subgraphs: readonly string[]): Promise<Outdating> {
  const kept = new Set(subgraphs);
  const listening = bus.tail(({ source, tenantId }) => {
    if (kept.has(source)) void router.invalidateEntities(source, tenantId || null);
  });
  // A shared cache outlives this process, and what happened meanwhile nobody has heard.
  for (const name of subgraphs) await router.invalidateEntities(name, null);
  return listening;
}
