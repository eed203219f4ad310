/** The stage on which a module tells its demo story: contexts to act in, outside of any request. */
import { randomUUID } from "node:crypto";
import { scopesOfRoles } from "@tessera/access";
import type { Actor, RequestFacts } from "@tessera/shared-types";
import { type Context, createContext } from "./context.js";
import type { Subgraph } from "./define-subgraph.js";
import type { Runtime } from "./runtime.js";

/** Told by each module's `demo`: contexts to act in, and a way to wait for the neighbours. */
export interface DemoStage {
  /** A context in which the person acts with the scopes of their roles. */
  as(person: { id: string; tenantId: string; roles: readonly string[] }): Context;
  /** A context without tenant, for the module that creates tenants. */
  withoutTenant(): Context;
  /** Resolves when every event published so far has been reacted to, and no process has anything to do now. */
  settle(): Promise<void>;
}

/** A demo story may load thousands of rows. */
const storyMs = 120_000;

export function createStage(subgraph: Subgraph, runtime: Runtime): DemoStage {
  return {
    as: ({ id, tenantId, roles }) =>
      actIn(subgraph, runtime, { kind: "user", id, tenantId, roles, scopes: scopesOfRoles(roles), attributes: {} }),
    withoutTenant: () => actIn(subgraph, runtime, null),
    settle: async () => {
      await runtime.events.idle();
      await runtime.processes?.idle();
      await runtime.events.idle();
    },
  };
}

function actIn({ name: module, operates }: Subgraph, runtime: Runtime, actor: Actor | null): Context {
  const signal = AbortSignal.timeout(storyMs);
  const request: RequestFacts = { requestId: randomUUID(), actor, deadline: Date.now() + storyMs, signal };
  const scope = { tenantId: actor?.tenantId ?? null, actorId: actor?.id ?? null };
  const parts = { module, runtime, request, actor, scope, cookies: [] };
  return createContext(operates ? { ...parts, operates } : parts);
}
