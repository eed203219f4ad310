/** From what the operator wrote to what the router is started with. */
import type { SubgraphConnection } from "@tessera/shared-types";
import type { Telemetry } from "@tessera/telemetry";
import type { SupergraphFile } from "../cli/supergraph-file.js";
import { RouterError } from "../errors/router-error.js";
import type { RouterOptions } from "../options.js";
import { connectRemote } from "../subgraphs/connect-remote.js";
import type { RouterConfig } from "./router-config.js";

export interface Applied {
  readonly supergraph: SupergraphFile;
  readonly config: RouterConfig;
  readonly telemetry: Telemetry;
}

/** Without an issuer nobody's token holds. */
const noIssuer = { verify: () => Promise.reject(new RouterError("TOKEN_INVALID")) };

export function routerOptions({ supergraph, config, telemetry }: Applied): RouterOptions {
  const { server = {}, development, explorer, limits, cors } = config;
  return {
    supergraphSdl: supergraph.sdl,
    connections: connections(supergraph, config),
    verifier: noIssuer,
    telemetry,
    ...given({ development, explorer, limits, cors }),
    ...given({ port: server.port, host: server.host }),
    ...given({ requestTimeoutMs: server.requestTimeoutMs, drainTimeoutMs: server.drainTimeoutMs }),
  };
}

function connections({ subgraphs }: SupergraphFile, config: RouterConfig): SubgraphConnection[] {
  return subgraphs.map(({ name, url }) => connectRemote({ name, url: config.subgraphs?.[name]?.url ?? url }));
}

type Given<T> = { [Key in keyof T]?: Exclude<T[Key], undefined> };

/** Without the keys nobody has given a value. */
export function given<T extends object>(values: T): Given<T> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Given<T>;
}
