/**
 * Compares the router with other federation gateways: the same supergraph, the same requests, one core for the gateway.
 * Prints a table for each workload and writes it into bench/README.md, which also says how it is measured.
 */

import { buildStale } from "../../scripts/build.mjs";
import { compare } from "./src/compare.mjs";
import { measureHour } from "./src/hour.mjs";
import { installPeers } from "./src/install-peers.mjs";
import { readOptions } from "./src/options.mjs";
import { measureReload } from "./src/reload.mjs";
import { setStage } from "./src/stage.mjs";

const modes = { compare, hour: measureHour, reload: measureReload };

const options = readOptions(process.argv.slice(2));
if (options) {
  await buildStale();
  if (options.chosen.some(({ needs }) => needs.includes("peers"))) installPeers();
  const stage = await setStage();
  process.once("SIGINT", () => process.exit(130));
  try {
    await modes[options.mode](stage, options);
  } finally {
    await stage.strike();
  }
}
