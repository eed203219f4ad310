/** The router with the four subgraphs in its own process: `node in-process.mjs PORT SUPERGRAPH [BYTES OF RECORDINGS]` */
import { readFileSync } from "node:fs";
import { startRouter } from "@tessera/router";
import { createTelemetry } from "@tessera/telemetry";
import { executorOf } from "../world/answers.mjs";
import { schemas } from "../world/schemas.mjs";

/** Answers are remembered and copied, so that the router may change what it gets, as it may with any answer. */
function connect(name) {
  const execute = executorOf(name);
  const known = new Map();
  return {
    name,
    async execute({ query, operationName, variables }) {
      const key = `${query}\n${variables ? JSON.stringify(variables) : ""}`;
      let copy = known.get(key);
      if (!copy) {
        const { data } = await execute({ query, operationName, variables });
        copy = copier(data);
        known.set(key, copy);
      }
      return { data: copy() };
    },
    subscribe: () => Promise.reject(new Error("These subgraphs have no subscriptions.")),
    close: async () => {},
  };
}

/** The data as a literal: the cheapest way to new objects, since what a subgraph would do is not what is measured. */
function copier(data) {
  return new Function(`return ${JSON.stringify(data)};`);
}

const [port, supergraph, recordingBytes] = process.argv.slice(2);
await startRouter({
  supergraphSdl: readFileSync(supergraph, "utf8"),
  connections: Object.keys(schemas).map(connect),
  verifier: { verify: () => Promise.reject(new Error("Nobody signs in here.")) },
  telemetry: createTelemetry({ service: "bench", level: "error" }),
  port: Number(port),
  host: "127.0.0.1",
  execution: { shareInbound: false, ...(recordingBytes && { recordingBytes: Number(recordingBytes) }) },
});
