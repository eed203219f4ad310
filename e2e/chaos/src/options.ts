/** What a run is asked to be. */
import { randomInt } from "node:crypto";
import { parseArgs } from "node:util";

export const buses = ["postgres", "redis", "kafka"] as const;
export type BusName = (typeof buses)[number];

export interface ChaosOptions {
  readonly bus: BusName;
  readonly seed: number;
  /** Mutations in all. */
  readonly size: number;
  readonly writers: number;
  /** Keep every row of the run, not only what is wrong. */
  readonly keep: boolean;
  /** Where the evidence goes: a folder of its own is made in it. */
  readonly evidence: string;
  readonly log: (line: string) => void;
}

export const help = `
Usage: npm run chaos [-- options]

Eight writers send mutations to several servers while processes are killed (-9), paused and cut off, PostgreSQL and Redis
are restarted and killed, and handlers fail, dawdle and die. Afterwards every committed change must have had exactly one
effect in every consumer, in order for each key, nothing else may have had any, and read models that are built again from
the committed rows and from the stored events must equal the live one.

  --bus <name>     postgres, redis or kafka (needs KAFKA_BROKERS); default redis
  --size <number>  mutations; default 20000
  --seed <number>  decides who writes what, which events meet which misfortune and the order of faults; default: any
  --writers <n>    default 8
  --keep           keep every row of the run in the evidence folder, not only what is wrong
  --evidence <dir> where the folder of the run is made; default .tessera/chaos

The same seed asks for the same, but the operating system decides the moment at which each fault strikes.
Exit code 0: everything holds. 1: it does not; the evidence says what. PostgreSQL and Redis are started for the run.
`;

/** `null` when help was asked for. @throws TypeError or RangeError in a sentence */
export function readOptions(args: readonly string[], root: string): Omit<ChaosOptions, "log"> | null {
  const { values } = parseArgs({
    args: [...args],
    options: {
      help: { type: "boolean", short: "h", default: false },
      bus: { type: "string", default: "redis" },
      size: { type: "string", default: "20000" },
      seed: { type: "string" },
      writers: { type: "string", default: "8" },
      keep: { type: "boolean", default: false },
      evidence: { type: "string", default: `${root}/.tessera/chaos` },
    },
  });
  if (values.help) return null;
  const bus = buses.find((name) => name === values.bus);
  if (!bus) throw new RangeError(`There is no bus "${values.bus}": use ${buses.join(", ")}.`);
  if (bus === "kafka" && !process.env.KAFKA_BROKERS) throw new RangeError("Set KAFKA_BROKERS to a Kafka of yours.");
  return {
    bus,
    size: wholeNumber("--size", values.size),
    seed: values.seed === undefined ? randomInt(1, 2 ** 31) : wholeNumber("--seed", values.seed),
    writers: wholeNumber("--writers", values.writers),
    keep: values.keep,
    evidence: values.evidence,
  };
}

function wholeNumber(name: string, text: string): number {
  if (/^[1-9]\d{0,9}$/.test(text)) return Number(text);
  throw new RangeError(`${name} is "${text}", but has to be a whole number from 1 on.`);
}
