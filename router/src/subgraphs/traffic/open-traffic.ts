/** The layers between a call and the connections of its subgraph, put together once. */
import type { RemoteOptions } from "../connect-remote.js";
import { type InstancePool, openInstancePool } from "../wire/instance-pool.js";
import type { Layer, Send } from "../wire/outgoing.js";
import { candidatesOf, createBalancing, type Pick, pickBy } from "./balance.js";
import { createBulkhead } from "./bulkhead.js";
import { type CircuitBreaker, createCircuitBreaker } from "./circuit-breaker.js";
import { startHealthChecks } from "./health-checks.js";
import { Instance } from "./instance.js";
import { createRetries } from "./retries.js";
import { createSign, createSigning, type Sign } from "./sign.js";
import { defaultMaxAnswerBytes, type InstanceAddress, type SubgraphTraffic } from "./subgraph-traffic.js";

export interface Traffic {
  /** One POST and its answer, through all layers. */
  readonly send: Send;
  /** The instance a stream should open at. */
  instance(): InstancePool;
  /** For requests that do not go through `send`; null when requests are not signed. */
  readonly sign: Sign | null;
  /** `null` when the subgraph never gets a rest. */
  readonly breaker: CircuitBreaker | null;
  close(): Promise<void>;
}

export function openTraffic(options: RemoteOptions): Traffic {
  const { name, traffic = {} } = options;
  const instances = openInstances(options);
  const pick = pickBy(traffic.balancing);
  const sign = traffic.hmac ? createSign(traffic.hmac) : null;
  const stopChecks = traffic.healthCheck ? startHealthChecks(instances, traffic.healthCheck) : () => {};
  const breaker = traffic.circuitBreaker ? createCircuitBreaker(name, traffic.circuitBreaker) : null;
  const layers = layersOf(name, traffic, breaker, sign);
  return {
    send: layers.reduceRight<Send>((next, layer) => layer(next), sendTo(instances, pick)),
    instance: () => pick(candidatesOf(instances, performance.now())).pool,
    sign,
    breaker,
    close: async () => {
      stopChecks();
      await Promise.all(instances.map(({ pool }) => pool.close()));
    },
  };
}

/** From the outermost: a call takes one place however often it is repeated, and every attempt counts for the circuit. */
function layersOf(
  subgraph: string,
  { concurrency, retries }: SubgraphTraffic,
  breaker: CircuitBreaker | null,
  sign: Sign | null,
): Layer[] {
  return [
    concurrency && createBulkhead(subgraph, concurrency),
    retries && createRetries(retries),
    breaker?.layer,
    sign && createSigning(sign),
  ].filter((layer) => layer !== null && layer !== undefined);
}

function sendTo(instances: readonly Instance[], pick: Pick): Send {
  const [first, ...others] = instances;
  return first && others.length === 0 ? first.pool.send : createBalancing(instances, pick);
}

function openInstances({ name, url, urls, traffic = {} }: RemoteOptions): Instance[] {
  const addresses: readonly InstanceAddress[] = urls?.length ? urls : url === undefined ? [] : [{ url }];
  if (addresses.length === 0) throw new Error(`The subgraph ${name} has neither \`url\` nor \`urls\`.`);
  const limits = {
    subgraph: name,
    maxAnswerBytes: traffic.maxAnswerBytes ?? defaultMaxAnswerBytes,
    timeoutMs: traffic.timeoutMs ?? null,
  };
  return addresses.map(
    (address) => new Instance(address, openInstancePool(new URL(address.url), traffic, limits), traffic.ejection ?? {}),
  );
}
