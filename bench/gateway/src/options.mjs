/** What `npm run bench:gateway` understands. */
import { parseArgs } from "node:util";
import { largeLists } from "../workloads/large-lists.mjs";
import { largeQuery } from "../workloads/large-query.mjs";
import { manyOperations } from "../workloads/many-operations.mjs";
import { configurations, reference } from "./configurations.mjs";

const workloads = [largeQuery, manyOperations, largeLists];
const list = (entries) =>
  entries.map(({ id, title, label }) => `    ${id.padEnd(30)}${(title ?? label).replaceAll("*", "")}`).join("\n");

const help = `Usage: npm run bench:gateway [-- options]

Compares the router with other federation gateways and writes the tables into bench/README.md.

  --only <a,b>           these configurations; ratios need ${reference} among them
  --workload <a,b>       these workloads (default: all)
  --rounds <n>           how often each configuration is measured, in turn (default 3)
  --warm-up <seconds>    default 8
  --seconds <n>          measured time (default 15)
  --quick                one round, 3 s warm-up, 5 s measured
  --hour [minutes]       memory over time instead: one configuration under load for 60 minutes or as many as given
  --reload               latency while the supergraph file changes instead
  --write, --no-write    whether bench/README.md is changed (default: only by a full run)

  Configurations:
${list(configurations)}

  Workloads:
${list(workloads)}

TESSERA_ROUTER names another command line of the router than router/dist/cli/main.js.
The other gateways are installed into bench/gateway/peers the first time.`;

const option = {
  only: { type: "string" },
  workload: { type: "string" },
  rounds: { type: "string" },
  "warm-up": { type: "string" },
  seconds: { type: "string" },
  quick: { type: "boolean", default: false },
  hour: { type: "boolean", default: false },
  reload: { type: "boolean", default: false },
  write: { type: "boolean" },
  help: { type: "boolean", default: false },
};

/** @returns null when only help was asked for, which is then printed. */
export function readOptions(args) {
  const { values, positionals } = parseArgs({ args, options: option, allowPositionals: true, allowNegative: true });
  if (values.help) {
    console.log(help);
    return null;
  }
  const defaults = values.quick ? { rounds: 1, warmUp: 3, seconds: 5 } : { rounds: 3, warmUp: 8, seconds: 15 };
  const isFull = !values.only && !values.workload && !values.quick;
  return {
    mode: values.hour ? "hour" : values.reload ? "reload" : "compare",
    minutes: Number(positionals[0] ?? 60),
    chosen: choose(configurations, values.only, "configuration"),
    only: values.only,
    workloads: choose(workloads, values.workload, "workload"),
    rounds: Number(values.rounds ?? defaults.rounds),
    warmUpSeconds: Number(values["warm-up"] ?? defaults.warmUp),
    seconds: Number(values.seconds ?? defaults.seconds),
    write: values.write ?? isFull,
  };
}

function choose(all, names, kind) {
  if (!names) return all;
  return names.split(",").map((name) => {
    const found = all.find(({ id }) => id === name.trim());
    if (!found) throw new Error(`There is no ${kind} "${name}". There are: ${all.map(({ id }) => id).join(", ")}.`);
    return found;
  });
}
