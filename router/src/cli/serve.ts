/** A router that runs until it is told to stop. */
import { createTelemetry } from "@tessera/telemetry";
import { routerOptions } from "../config/apply.js";
import { startRouter } from "../start-router.js";
import type { RouterFiles } from "./read-files.js";
import type { Terminal } from "./run.js";

/** Resolves when the router has stopped. */
export async function serve(files: RouterFiles, { say, onStop }: Terminal): Promise<void> {
  const telemetry = createTelemetry({ service: "tessera-router" });
  const stopped = new Promise<void>((resolve) => onStop(resolve));
  const { supergraph, config } = files;
  const router = await startRouter(routerOptions({ supergraph, config, telemetry }));
  const explorer = config.development ? " (open it in a browser for the explorer)" : "";
  say(`The router listens on ${router.url}/graphql${explorer}`);
  await stopped;
  await router.close();
}
