/** One process per subgraph, each reached over HTTP and WebSocket like on a machine of its own. */
import type { RouterFile } from "@tessera/router";
import type { SubgraphConnection } from "@tessera/shared-types";
import type { Log } from "@tessera/telemetry";
import type { Closers } from "../closers.js";
import type { LoadedSubgraph } from "../supergraph-file.js";
import type { ChildOrders } from "./orders.js";
import { SubgraphProcess } from "./subgraph-process.js";

export interface ProcessesOptions
  extends Pick<
    ChildOrders,
    "databaseUrl" | "redisUrl" | "kafkaBrokers" | "secret" | "keysUrl" | "graphUrl" | "oidc" | "announcesReactions"
  > {
  /** How the router is to treat the connections. */
  readonly router: Pick<RouterFile, "connect">;
  readonly ports: "fixed" | "any";
  readonly log: Log;
}

export async function hostInProcesses(
  subgraphs: readonly LoadedSubgraph[],
  options: ProcessesOptions,
  closers: Closers,
): Promise<SubgraphConnection[]> {
  return Promise.all(
    subgraphs.map(async (one) => {
      const child = await closers.add(new SubgraphProcess(ordersFor(one, options), options.log));
      return closers.add(options.router.connect(one.name, await child.start()));
    }),
  );
}

function ordersFor({ name, folder, url }: LoadedSubgraph, options: ProcessesOptions): ChildOrders {
  const { databaseUrl, redisUrl, kafkaBrokers, secret, keysUrl, graphUrl, oidc, announcesReactions, ports } = options;
  const port = ports === "fixed" ? Number(new URL(url).port) : 0;
  return {
    kind: "start",
    name,
    folder,
    databaseUrl,
    redisUrl,
    kafkaBrokers,
    secret,
    keysUrl,
    graphUrl,
    oidc,
    announcesReactions,
    port,
  };
}
