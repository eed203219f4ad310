/** What is measured of one subject, in the subject's own process. Times in milliseconds, CPU in microseconds per event. */
import { setTimeout as pause } from "node:timers/promises";
import { cpuMilliseconds } from "../../gateway/src/process-figures.mjs";
import { percentiles } from "../../gateway/src/statistics.mjs";
import { profiler } from "./profile.mjs";
import { connect, countEffects } from "./world.mjs";

const publishers = 5;
const patienceMs = 300_000;

export async function measure(subject, { databaseUrl, serverPid, sizes, profile, id }) {
  const profiled = profiler(profile, id);
  const sql = connect(databaseUrl);
  const state = { subject, sql, next: 0, handled: 0, cpu: cpuMeter(serverPid) };
  try {
    const latency = await measureLatency(state, sizes);
    const publish = await profiled("publish", () => measurePublish(state, sizes));
    const endToEnd = await profiled("end-to-end", () => measureEndToEnd(state, sizes));
    const bus = await profiled("bus", () => measureBus(state, sizes));
    const replay = subject.replay ? await measureReplay(state) : null;
    return { latency, publish, endToEnd, bus, replay };
  } finally {
    await sql.end();
  }
}

/** From the answer to the commit until the handler runs, at an even pace. */
async function measureLatency(state, { rate, seconds }) {
  const { subject } = state;
  const [committed, reacted] = [new Map(), new Map()];
  const consumer = await subject.consume((n) => reacted.set(n, performance.now()));
  await warmUp(state, reacted);
  const first = state.next;
  const count = rate * seconds;
  const began = performance.now();
  const publishing = [];
  for (let index = 0; index < count; index++) {
    const early = began + (index * 1_000) / rate - performance.now();
    if (early > 1) await pause(early);
    const n = state.next++;
    publishing.push(subject.publish(n).then(() => committed.set(n, performance.now())));
  }
  await Promise.all(publishing);
  await until(() => reacted.size >= state.next, "every event was reacted to");
  await settled(state);
  await consumer.close();
  const times = [...committed].filter(([n]) => n >= first).map(([n, at]) => Math.max(0, reacted.get(n) - at));
  return percentiles(times);
}

async function warmUp(state, reacted) {
  for (let round = 0; round < 100; round++) await state.subject.publish(state.next++);
  await until(() => reacted.size >= state.next, "the first events were reacted to");
}

/** Transactions that change a row and publish an event, several at once, with nobody consuming. */
async function measurePublish(state, { published }) {
  const { subject, cpu } = state;
  let left = published;
  const lane = async () => {
    while (left-- > 0) await subject.publish(state.next++);
  };
  return rateOf(cpu, published, () => Promise.all(Array.from({ length: publishers }, lane)));
}

/** From what is committed to the last effect, each exactly once. */
async function measureEndToEnd(state, { events }) {
  const { subject, cpu } = state;
  await subject.commitMany(state.next, events);
  state.next += events;
  const waiting = state.next - state.handled;
  let reacted = 0;
  const figures = await rateOf(cpu, waiting, async () => {
    state.consumer = await subject.consume(() => reacted++);
    await until(() => reacted >= waiting, "everything was reacted to");
    await settled(state);
  });
  await state.consumer.close();
  return figures;
}

/** The bus alone: batches in, and out again to a handler that does nothing. */
async function measureBus(state, { carried }) {
  const { subject, cpu } = state;
  const append = await rateOf(cpu, carried, await subject.append(0, carried));
  let got = 0;
  let consumer;
  const drain = await rateOf(cpu, carried, async () => {
    consumer = await subject.drain(() => got++);
    await until(() => got >= carried, "everything was drained");
  });
  await consumer.close();
  return { append, drain };
}

/** A consumer that is new gets everything that is stored, with its effect and its mark. */
async function measureReplay(state) {
  const { subject, cpu, sql } = state;
  let reacted = 0;
  let consumer;
  const figures = await rateOf(cpu, state.next, async () => {
    consumer = await subject.replay(() => reacted++);
    await until(() => reacted >= state.next, "everything was repeated");
    await until(async () => (await countEffects(sql, "bench-replay")).effects >= state.next, "the effects are there");
  });
  await consumer.close();
  return figures;
}

/** @throws when an effect is missing or came twice */
async function settled(state) {
  const enough = async () => (await countEffects(state.sql, "bench-ledger")).effects >= state.next;
  await until(enough, "every effect is there");
  const { effects, events } = await countEffects(state.sql, "bench-ledger");
  if (effects !== state.next || events !== state.next) {
    throw new Error(`${effects} effects of ${events} events, instead of ${state.next}.`);
  }
  state.handled = state.next;
}

async function rateOf(cpu, count, work) {
  const [began, before] = [performance.now(), cpu.read()];
  await work();
  return { perSecond: (count * 1_000) / (performance.now() - began), ...cpu.since(before, count) };
}

async function until(holds, what) {
  const end = Date.now() + patienceMs;
  while (!(await holds())) {
    if (Date.now() > end) throw new Error(`It did not happen within ${patienceMs / 1_000} s that ${what}.`);
    await pause(5);
  }
}

/** Of this process, and of PostgreSQL with all its processes. */
export function cpuMeter(serverPid) {
  const read = () => {
    const { user, system } = process.cpuUsage();
    return { own: user + system, server: cpuMilliseconds(serverPid) * 1_000 };
  };
  const since = (before, count) => {
    const now = read();
    return { cpu: (now.own - before.own) / count, serverCpu: (now.server - before.server) / count };
  };
  return { read, since };
}
