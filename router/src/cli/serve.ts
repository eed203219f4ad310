/** A router that runs until it is told to stop, and takes changed files over while it does. */
import { createTelemetry, type Telemetry } from "@tessera/telemetry";
import { openCallbacks, routerOptions, warnOfRestart } from "../config/apply.js";
import { SubgraphConnections } from "../config/subgraph-connections.js";
import type { Router, RouterOptions } from "../options.js";
import { createReloader, type Reloader } from "../reload/reloader.js";
import { startRouter } from "../start-router.js";
import type { RemoteConnection } from "../subgraphs/subgraph-call.js";
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
  const optionsOf: OptionsOf = (files, opened) =>
    routerOptions({
      ...{ config: files.config, callbacks, telemetry, environment: terminal.env },
      ...{ supergraphSdl: files.supergraph.sdl, connections: opened },
    });
  const router = await startRouter(await optionsOf(files, connections.open(supergraph.subgraphs, config)));
  const reloader = watch({ router, connections, telemetry, files, readAgain, optionsOf });
  terminal.onReload(() => void reloader.reload());
  const explorer = config.development && config.explorer !== false ? " (open it in a browser for the explorer)" : "";
  terminal.say(`The router listens on ${router.url}${config.server?.path ?? "/graphql"}${explorer}`);
  await stopped;
  await reloader.close();
  await router.close();
  callbacks?.close();
  await connections.close();
}

type OptionsOf = (files: RouterFiles, connections: readonly RemoteConnection[]) => Promise<RouterOptions>;

interface Watching extends Serving {
  readonly optionsOf: OptionsOf;
  readonly router: Router;
  readonly connections: SubgraphConnections;
  readonly telemetry: Telemetry;
}

function watch({ router, connections, telemetry: { log }, files, readAgain, optionsOf }: Watching): Reloader {
  let current = files;
  const { watch: isWatched = true, pollMs } = files.config.supergraph ?? {};

  async function takeOver(next: RouterFiles): Promise<void> {
    const { supergraph, config } = next;
    await connections.replace(supergraph.subgraphs, config, async (opened) =>
      router.reconfigure(await optionsOf(next, opened)),
    );
    warnOfRestart(log, files.config, config);
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
