/** A router.yaml for programs that start the router themselves, with subgraphs and a verifier of their own. */
import type { SubgraphConnection } from "@tessera/shared-types";
import { connectRemote } from "../subgraphs/connect-remote.js";
import { type HeaderRules, headerRulesFor } from "../subgraphs/headers/header-rules.js";
import { tesseraHeaders } from "../subgraphs/headers/tessera-headers.js";
import { openCallbacks, optionsOf, type SectionOptions } from "./apply.js";
import { ConfigProblem } from "./config-problem.js";
import type { Environment } from "./expand-environment.js";
import { given } from "./given.js";
import { emptyConfig, loadConfig } from "./load-config.js";
import type { RouterConfig } from "./router-config.js";
import { configOf, trafficOf } from "./subgraph-config.js";
import { unknownSubgraphs } from "./unknown-subgraphs.js";

/** What a router.yaml says. */
export interface RouterFile {
  readonly config: RouterConfig;
  /** Throws ConfigProblem when a section is about a subgraph that is not among these. */
  check(subgraphs: readonly string[]): void;
  /** Every section that says something, as options for `startRouter`. */
  options(): Promise<SectionOptions>;
  /** To a stand-alone subgraph of the platform, with the traffic, the streams and the further headers the file asks for. */
  connect(name: string, url: string): SubgraphConnection & { close(): Promise<void> };
  close(): Promise<void>;
}

/**
 * Without a file every default holds.
 *
 * @throws ConfigProblem with everything that is wrong; an error of the file system when the file cannot be read.
 */
export async function openRouterFile(
  file: string | undefined,
  environment: Environment = process.env,
): Promise<RouterFile> {
  const loaded = file === undefined ? emptyConfig : await loadConfig(file, environment);
  const { config } = loaded;
  const callbacks = openCallbacks(config);
  return {
    config,
    check(subgraphs) {
      const problems = unknownSubgraphs(loaded, subgraphs);
      if (problems.length > 0) throw new ConfigProblem(problems);
    },
    options: () => optionsOf(config, { callbacks, environment }),
    connect(name, url) {
      const { url: _, urls: __, subscriptions, ...traffic } = configOf(name, config);
      const headers = withOurs(headerRulesFor(name, config.headers ?? {}));
      return connectRemote({ name, url, headers, traffic: trafficOf(traffic), ...given({ subscriptions, callbacks }) });
    },
    close: async () => callbacks?.close(),
  };
}

function withOurs({ request = [], response = [] }: HeaderRules): HeaderRules {
  if (request.length + response.length === 0) return tesseraHeaders;
  const { request: ours = [], response: told = [] } = tesseraHeaders;
  const names = new Set(told.map(({ propagate }) => propagate.named));
  const others = response.filter(({ propagate }) => !names.has(propagate.named.toLowerCase()));
  // Ours last: what a subgraph learns of its caller is nothing a client may write.
  return { request: [...request, ...ours], response: [...others, ...told] };
}
