/** The router of a test, over whichever subgraphs it has, and the way modules reach it. */
import { compose, type Router, type RouterOptions, startRouter } from "@tessera/router";
import { type GraphDoor, graphAt, type Subgraph } from "@tessera/subgraph";

export function openRouter(
  subgraphs: readonly Subgraph[],
  parts: Pick<RouterOptions, "connections" | "verifier" | "telemetry">,
): Promise<Router> {
  return startRouter({
    ...parts,
    ...{ supergraphSdl: supergraphOf(subgraphs), port: 0, host: "127.0.0.1", development: true },
    authorization: { undecidedPolicies: "pass" },
  });
}

function supergraphOf(subgraphs: readonly Subgraph[]): string {
  const sources = subgraphs.map(({ name, sdl }) => ({
    name,
    sdl,
    file: `${name}.graphql`,
    url: `http://${name}.test`,
  }));
  return compose(sources).supergraphSdl;
}

/** The router, in process or at its address; who asks before it is there waits for it. */
export interface LateDoor extends GraphDoor {
  open(router: Router): void;
  /** As from another process. */
  readonly remote: GraphDoor["execute"];
}

export function lateDoor(): LateDoor {
  let open: (router: Router) => void = () => {};
  const ready = new Promise<Router>((resolve) => {
    open = resolve;
  });
  return {
    open: (router) => open(router),
    execute: async (call) => (await ready).execute(call),
    remote: async (call) => graphAt(new URL("/graphql", (await ready).url)).execute(call),
  };
}
