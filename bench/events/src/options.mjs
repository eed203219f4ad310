import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { configurations, sizes } from "./configurations.mjs";

const list = configurations.map(({ id, label }) => `    ${id.padEnd(18)} ${label.replaceAll(/[*`]/g, "")}`).join("\n");

const help = `Usage: npm run bench:events [-- options]

Compares how fast a committed change has its effect: latency, throughput of its parts, end to end with every effect exactly
once, and repetition. Prints tables, and after a full run writes them into bench/README.md.

  --only <ids>           some of the configurations, separated by commas
  --rounds <n>           how often everything is measured, one configuration after the other (default 3)
  --quick                one small round
  --million [events]     memory over many events instead (default 1000000), for the Tessera configurations
  --profile <folder>     CPU profiles of publishing, end to end and the bus, written there
  --write, --no-write    whether bench/README.md is changed (default: only by a full run)

  Configurations (Kafka where KAFKA_BROKERS is set):
${list}

BullMQ and pg-boss are installed into bench/events/peers the first time.`;

const option = {
  only: { type: "string" },
  rounds: { type: "string" },
  quick: { type: "boolean", default: false },
  million: { type: "boolean", default: false },
  profile: { type: "string" },
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
  return {
    mode: values.million ? "million" : "compare",
    chosen: choose(values.only, values.million),
    rounds: Number(values.rounds ?? (values.quick ? 1 : 3)),
    sizes: values.quick ? sizes.quick : sizes.full,
    events: Number(positionals[0] ?? 1_000_000),
    profile: values.profile && resolve(values.profile),
    write: values.write ?? (!values.only && !values.quick && values.rounds === undefined),
  };
}

function choose(names, million) {
  if (names) return names.split(",").map(find);
  const possible = configurations.filter(({ needs = [] }) => !needs.includes("kafka") || process.env.KAFKA_BROKERS);
  return million ? ["postgres", "redis"].map(find) : possible;
}

function find(name) {
  const found = configurations.find(({ id }) => id === name.trim());
  if (!found)
    throw new Error(
      `There is no configuration "${name}". There are: ${configurations.map(({ id }) => id).join(", ")}.`,
    );
  return found;
}
