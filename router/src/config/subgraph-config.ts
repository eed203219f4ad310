import { readFileSync } from "node:fs";
import type { SubgraphTraffic } from "../subgraphs/traffic/subgraph-traffic.js";
import type { TlsOptions } from "../subgraphs/wire/instance-pool.js";
import { given } from "./given.js";
import type { RouterConfig } from "./router-config.js";
import type { SubgraphConfig, SubgraphTlsConfig } from "./sections/subgraphs.js";

/** What stands under the subgraph's own name comes before what stands under `all`, key by key. */
export function configOf(name: string, { subgraphs = {} }: RouterConfig): SubgraphConfig {
  return { ...subgraphs.all, ...(name === "all" ? {} : subgraphs[name]) };
}

/** With the contents of the files it names. Throws an error of the file system when one cannot be read. */
export function trafficOf({
  tls,
  ...traffic
}: Omit<SubgraphConfig, "url" | "urls" | "subscriptions">): SubgraphTraffic {
  return { ...traffic, ...(tls ? { tls: readTls(tls) } : {}) };
}

function readTls({ caFile, certFile, keyFile, ...rest }: SubgraphTlsConfig): TlsOptions {
  const read = (file: string | undefined) => (file === undefined ? undefined : readFileSync(file, "utf8"));
  return { ...rest, ...given({ ca: read(caFile), cert: read(certFile), key: read(keyFile) }) };
}
