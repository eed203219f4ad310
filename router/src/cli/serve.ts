/** A router that runs until it is told to stop, and takes changed files over while it does. */
import { createTelemetry, type Telemetry } from "@tessera/telemetry";
import { openCallbacks, routerOptions, sectionsForRestart } from "../config/apply.js";
import { SubgraphConnections } from "../config/subgraph-connections.js";
import type { Router } from "../options.js";
import { createReloader, type Reloader } from "../reload/reloader.js";
import { startRouter } from "../start-router.js";
import type { RouterFiles } from "./read-files.js";
import type { Terminal } from "./run.js";

export interface Serving {
  readonly files: RouterFiles;
  /** Reads and checks the same files again. */
  readonly readAgain: () => Promise<RouterFiles>;
}

/** Resolves when the router has stopped. */
export async function serve({ files, readAgain }: Serving, terminal: Terminal): Promise<void> {
  const telemetry = createTelemetry({ service: "tessera-router" });
  const stopped = new Promise<void>((resolve) => terminal.onStop(resolve));
  const callbacks = openCallbacks(files.config);
  const connections = new SubgraphConnections(callbacks);
  const { supergraph, config } = files;
  const options = await routerOptions({
    ...{ config, callbacks, telemetry, environment: terminal.env },
    supergraphSdl: supergraph.sdl,
    connections: connections.open(supergraph.subgraphs, config),
  });
  const router = await startRouter(options);
  const reloader = watch({ router, connections, telemetry, files, readAgain });
  terminal.onReload(() => void reloader.reload());
  const explorer = config.development && config.explorer !== false ? " (open it in a browser for the explorer)" : "";
  terminal.say(`The router listens on ${router.url}${config.server?.path ?? "/graphql"}${explorer}`);
  await stopped;
  await reloader.close();
  await router.close();
  callbacks?.close();
  await connections.close();
}

interface Watching extends Serving {
  readonly router: Router;
  readonly connections: SubgraphConnections;
  readonly telemetry: Telemetry;
}

function watch({ router, connections, telemetry: { log }, files, readAgain }: Watching): Reloader {
  let current = files;
  const { watch: isWatched = true, pollMs } = files.config.supergraph ?? {};

  async function takeOver(next: RouterFiles): Promise<void> {
    const { supergraph, config } = next;
    const use = (opened: Parameters<Parameters<typeof connections.replace>[2]>[0]) =>
      router.reload({ supergraphSdl: supergraph.sdl, connections: opened });
    await connections.replace(supergraph.subgraphs, config, use);
    const sections = sectionsForRestart(current.config, config);
    if (sections.length > 0) log.warn({ sections }, "These sections of the configuration wait for a restart.");
    current = next;
  }

  return createReloader({
    files: () => (isWatched ? filesOf(current) : []),
    load: readAgain,
    onReload: takeOver,
    log,
    ...(pollMs === undefined ? {} : { pollMs }),
  });
}

function filesOf({ supergraphFile, configFile }: RouterFiles): string[] {
  return configFile === null ? [supergraphFile] : [supergraphFile, configFile];
}
