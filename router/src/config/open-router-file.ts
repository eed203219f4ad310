/** A router.yaml for programs that start the router themselves, with subgraphs and a verifier of their own. */
import type { SubgraphConnection } from "@tessera/shared-types";
import type { Log } from "@tessera/telemetry";
import { createReloader } from "../reload/reloader.js";
import { connectRemote } from "../subgraphs/connect-remote.js";
import { type HeaderRules, headerRulesFor } from "../subgraphs/headers/header-rules.js";
import { tesseraHeaders } from "../subgraphs/headers/tessera-headers.js";
import type { CallbackReceiver } from "../subgraphs/streams/callback-receiver.js";
import { openCallbacks, optionsOf, type SectionOptions, warnOfRestart } from "./apply.js";
import { ConfigProblem } from "./config-problem.js";
import type { Environment } from "./expand-environment.js";
import { given } from "./given.js";
import { emptyConfig, type LoadedConfig, loadConfig } from "./load-config.js";
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
  /** Takes over what changes in the file, unless it says `supergraph.watch: false`, until what it returns is closed. */
  follow(following: Following): { close(): Promise<void> };
  close(): Promise<void>;
}

export interface Following {
  readonly subgraphs: readonly string[];
  /** Sections that wait for a restart: the changed file has them as they were. */
  readonly fixed: readonly (keyof RouterConfig)[];
  /** Puts the changed file to use. When it rejects, what was in use has to be in use still. */
  readonly onChange: (changed: RouterFile) => Promise<void>;
  readonly log: Log;
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
  return new OpenRouterFile(file, loaded, openCallbacks(loaded.config), environment);
}

class OpenRouterFile implements RouterFile {
  constructor(
    readonly file: string | undefined,
    readonly loaded: LoadedConfig,
    readonly callbacks: CallbackReceiver | undefined,
    readonly environment: Environment,
  ) {}

  get config(): RouterConfig {
    return this.loaded.config;
  }

  check(subgraphs: readonly string[]): void {
    const problems = unknownSubgraphs(this.loaded, subgraphs);
    if (problems.length > 0) throw new ConfigProblem(problems);
  }

  options(): Promise<SectionOptions> {
    return optionsOf(this.config, this);
  }

  connect(name: string, url: string): ReturnType<RouterFile["connect"]> {
    const { callbacks, config } = this;
    const { url: _, urls: __, subscriptions, ...traffic } = configOf(name, config);
    const headers = withOurs(headerRulesFor(name, config.headers ?? {}));
    return connectRemote({ name, url, headers, traffic: trafficOf(traffic), ...given({ subscriptions, callbacks }) });
  }

  follow({ subgraphs, fixed, onChange, log }: Following): { close(): Promise<void> } {
    const { file, environment, callbacks, config } = this;
    const { watch = true, pollMs } = config.supergraph ?? {};
    if (file === undefined || !watch) return { close: async () => {} };
    const kept = Object.fromEntries(fixed.map((section) => [section, config[section]]));
    return createReloader({
      files: () => [file],
      load: async () => {
        const loaded = await loadConfig(file, environment);
        const changed = new OpenRouterFile(file, loaded, callbacks, environment);
        changed.check(subgraphs);
        return changed;
      },
      async onReload({ loaded }) {
        const asked = loaded.config;
        await onChange(new OpenRouterFile(file, { ...loaded, config: { ...asked, ...kept } }, callbacks, environment));
        warnOfRestart(log, config, asked, fixed);
      },
      log,
      ...given({ pollMs }),
    });
  }

  async close(): Promise<void> {
    this.callbacks?.close();
  }
}

function withOurs({ request = [], response = [] }: HeaderRules): HeaderRules {
  if (request.length + response.length === 0) return tesseraHeaders;
  const { request: ours = [], response: told = [] } = tesseraHeaders;
  const names = new Set(told.map(({ propagate }) => propagate.named));
  const others = response.filter(({ propagate }) => !names.has(propagate.named.toLowerCase()));
  // Ours last: what a subgraph learns of its caller is nothing a client may write.
  return { request: [...request, ...ours], response: [...others, ...told] };
}
