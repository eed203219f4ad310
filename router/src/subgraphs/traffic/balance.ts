/** Which instance a call goes to. */
import type { Outgoing, Send } from "../wire/outgoing.js";
import { isFault, isFaultyAnswer } from "./failure.js";
import type { Instance } from "./instance.js";
import type { SubgraphTraffic } from "./subgraph-traffic.js";

export type Pick = (candidates: readonly Instance[]) => Instance;

export function pickBy(balancing: SubgraphTraffic["balancing"]): Pick {
  return balancing === "least-connections" ? leastConnections : roundRobin;
}

/** When no instance is well all are tried, because none is worse than that. */
export function candidatesOf(instances: readonly Instance[], now: number): readonly Instance[] {
  const well = instances.filter((instance) => instance.takesCalls(now));
  return well.length > 0 ? well : instances;
}

export function createBalancing(
  instances: readonly Instance[],
  pick: Pick,
  now: () => number = () => performance.now(),
): Send {
  return async (outgoing) => {
    const instance = pick(candidatesOf(instances, now()));
    instance.running += 1;
    try {
      return await observed(instance, outgoing, now);
    } finally {
      instance.running -= 1;
    }
  };
}

async function observed({ pool, ejection }: Instance, outgoing: Outgoing, now: () => number) {
  try {
    const answer = await pool.send(outgoing);
    if (isFaultyAnswer(answer)) ejection?.failed(now());
    else ejection?.succeeded();
    return answer;
  } catch (error) {
    if (isFault(error)) ejection?.failed(now());
    throw error;
  }
}

/** Smooth weighted round robin: everyone gets credit by weight, the richest goes and pays for all. */
function roundRobin(candidates: readonly Instance[]): Instance {
  let chosen = candidates[0] as Instance;
  let total = 0;
  for (const instance of candidates) {
    instance.credit += instance.weight;
    total += instance.weight;
    if (instance.credit > chosen.credit) chosen = instance;
  }
  chosen.credit -= total;
  return chosen;
}

/** Fewest running calls for its weight; among equals by turns. */
function leastConnections(candidates: readonly Instance[]): Instance {
  const load = ({ running, weight }: Instance) => running / weight;
  const least = Math.min(...candidates.map(load));
  return roundRobin(candidates.filter((instance) => load(instance) === least));
}
