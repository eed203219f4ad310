/** The measurements: connecting, one event to all, and clients that stop reading. */
import { setTimeout as sleep } from "node:timers/promises";

const news = "subscription { news { number text } }";
const longNews = "subscription { news { number long } }";
const patienceMs = 90_000;

/** From being given up, the router leaves a client 10 s to read. */
const cutOffMs = 13_000;

export class Failed extends Error {}

const total = (values) => values.reduce((sum, value) => sum + value, 0);
const share = (count, parts, index) => Math.floor(count / parts) + (index < count % parts ? 1 : 0);
const shareOf = (workers, count) => workers.map((_, index) => share(count, workers.length, index));

/** Connects and subscribes `count` clients. @returns `{ seconds, bytesEach, heapEach }` of the router */
export async function connect({ router, workers }, count, query = news) {
  const before = { ...(await router.call("memory")), ...(await router.call("cpu")) };
  const since = performance.now();
  const shares = shareOf(workers, count);
  await Promise.all(
    workers.map((worker, index) => worker.call("open", { port: router.port, count: shares[index], query })),
  );
  const seconds = (performance.now() - since) / 1_000;
  const { cpuMs } = await router.call("cpu");
  // The last subscriptions are on their way.
  await sleep(1_500);
  const after = await router.call("memory");
  const each = (name) => (after[name] - before[name]) / count;
  const cpuEach = (cpuMs - before.cpuMs) / count;
  return {
    seconds,
    cpuEach,
    residentEach: each("rss"),
    heapEach: each("heapUsed"),
    streams: after.streams,
    rss: after.rss,
  };
}

let number = 0;

/** Publishes one event and waits until all `count` clients have it. */
export async function sendOne({ router, workers }, shares) {
  number += 1;
  const before = await router.call("cpu");
  const { at } = await router.call("publish", { number });
  const seen = await Promise.all(
    workers.map((worker, index) => worker.call("event", { number, wanted: shares[index], patienceMs })),
  );
  const after = await router.call("cpu");
  const count = total(shares);
  const got = total(seen.map((each) => each.count));
  if (got !== count) throw new Failed(`${got} of ${count} clients got event ${number}.`);
  const times = seen.flatMap(({ times: each }) => each).map((time) => time - at);
  times.sort((a, b) => a - b);
  return {
    first: times[0],
    middle: times[times.length >> 1],
    last: times.at(-1),
    cpuEach: ((after.cpuMs - before.cpuMs) * 1_000) / count,
  };
}

export async function sendMany(cast, clients, events, pauseMs) {
  const shares = shareOf(cast.workers, clients);
  const rounds = [];
  for (let index = 0; index < events; index += 1) {
    rounds.push(await sendOne(cast, shares));
    await sleep(pauseMs);
  }
  await refuseFaults(cast);
  return rounds;
}

/** Every client has to have each event once, in order, and nothing else. */
export async function refuseFaults({ workers }, mayEnd = () => false) {
  const states = await Promise.all(workers.map((worker) => worker.call("state")));
  const faults = total(states.map((state) => state.faults));
  if (faults > 0) throw new Failed(`${faults} events came twice, not at all or out of order.`);
  const [other] = states.flatMap((state) => state.others);
  if (other) throw new Failed(`A client was told: ${other}`);
  const ended = states.flatMap((state) => state.ended);
  const wrong = ended.find((one) => !mayEnd(one));
  if (wrong) throw new Failed(`A client was disconnected: ${wrong.code} ${wrong.reason}`);
  return ended;
}

/**
 * `slow` more clients ask for 1 MB with each event and stop reading; the others go on. When the router has given up all slow
 * ones, half of them read again and are to find the reason; the rest read again after they were cut off.
 */
export async function stall(cast, clients, slow, events) {
  const { router, workers } = cast;
  const [first] = workers;
  await first.call("open", { port: router.port, count: slow, query: longNews });
  await sleep(1_000);
  const { rss, streams } = await router.call("memory");
  await first.call("pause", { count: slow });
  const shares = shareOf(workers, clients);
  const rounds = [];
  const sizes = [];
  const sendWhile = async (isOn) => {
    while (await isOn()) {
      rounds.push(await sendOne(cast, shares));
      sizes.push((await router.call("resident")).rss);
      await sleep(100);
    }
  };
  const patience = performance.now() + patienceMs;
  await sendWhile(async () => (await router.call("memory")).streams === streams && performance.now() < patience);
  await first.call("resume", { count: slow >> 1 });
  const cutOff = performance.now() + cutOffMs;
  await sendWhile(async () => rounds.length < events || performance.now() < cutOff);
  await first.call("resume", { count: slow });
  const ended = [];
  const deadline = performance.now() + patienceMs;
  while (ended.length < slow && performance.now() < deadline) {
    await sleep(500);
    ended.push(...(await refuseFaults(cast, ({ isSlow }) => isSlow)));
  }
  return { rounds, grownMB: (Math.max(...sizes) - rss) / 2 ** 20, ended };
}
