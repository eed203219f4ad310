/** The stage on which a module tells its demo story: contexts to act in, outside of any request. */
import { randomUUID } from "node:crypto";
import { scopesOfRoles } from "@tessera/access";
import type { Actor, RequestFacts } from "@tessera/shared-types";
import { type Context, createContext, type DemoStage } from "./context.js";
import type { Subgraph } from "./define-subgraph.js";
import type { Runtime } from "./runtime.js";

/** A demo story may load thousands of rows. */
const storyMs = 120_000;

export function createStage(subgraph: Subgraph, runtime: Runtime): DemoStage {
  return {
    as: ({ id, tenantId, roles }) =>
      actIn(subgraph, runtime, { kind: "user", id, tenantId, roles, scopes: scopesOfRoles(roles), attributes: {} }),
    withoutTenant: () => actIn(subgraph, runtime, null),
    settle: () => runtime.events.idle(),
  };
}

function actIn({ name: module, operates }: Subgraph, runtime: Runtime, actor: Actor | null): Context {
  const signal = AbortSignal.timeout(storyMs);
  const request: RequestFacts = { requestId: randomUUID(), actor, deadline: Date.now() + storyMs, signal };
  const scope = { tenantId: actor?.tenantId ?? null, actorId: actor?.id ?? null };
  const parts = { module, runtime, request, actor, scope, cookies: [] };
  return createContext(operates ? { ...parts, operates } : parts);
}
