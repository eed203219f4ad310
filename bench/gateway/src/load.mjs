/**
 * The load, in a process of its own. Every connection sends its next request when its answer has come. Each answer has to
 * be a 200 of exactly the length its request had when it was asked alone; some are kept whole for the caller to compare.
 *
 * Messages in:  { prepare: { port, path, bodies } } → { answers }: each request asked once
 *               { run: { connections, warmUpSeconds, seconds, samples } } → "measuring", then the figures
 *               { begin: { connections, windowSeconds } } → the figures of each window until { end: true } → "ended"
 */
import { openConnection, requestBytes } from "./connection.mjs";
import { percentiles } from "./statistics.mjs";

let target = { port: 0, path: "/", bodies: [] };
let requests = [];
let lengths = [];

async function prepare(next) {
  target = next;
  requests = target.bodies.map((body) => requestBytes(target.port, target.path, body));
  const answers = new Array(requests.length);
  let at = 0;
  const lane = async () => {
    while (at < requests.length) {
      const index = at++;
      answers[index] = await askAlone(requests[index]);
    }
  };
  await Promise.all(Array.from({ length: 8 }, lane));
  lengths = answers.map((answer) => answer.length);
  return answers.map(({ status, body }) => ({ status, text: body.toString() }));
}

function askAlone(request) {
  return new Promise((resolve, reject) => {
    const finish = (answer) => {
      connection.close();
      resolve(answer);
    };
    const connection = openConnection(target.port, { onAnswer: finish, onLost: reject });
    connection.ask(request, true);
  });
}

async function run({ connections, warmUpSeconds, seconds, samples }) {
  const progress = { next: 0, times: null, odd: 0, kept: [], keepEvery: 0 };
  const open = Array.from({ length: connections }, () => drive(progress));
  await elapse(warmUpSeconds);
  progress.keepEvery = (seconds * 1_000) / samples;
  process.send("measuring");
  const began = performance.now();
  progress.nextKept = began;
  progress.times = [];
  await elapse(seconds);
  const { times, odd, kept } = progress;
  progress.times = null;
  const lasted = (performance.now() - began) / 1_000;
  process.send({ answers: times.length, seconds: lasted, ...percentiles(times), odd, kept });
  for (const connection of open) connection.close();
}

let isEnding = false;

/** The connections stay open from window to window, so that opening them is in no figure but the first. */
async function runInWindows({ connections, windowSeconds }) {
  const progress = { next: 0, times: [], odd: 0, kept: [], nextKept: Number.POSITIVE_INFINITY };
  const open = Array.from({ length: connections }, () => drive(progress));
  for (isEnding = false; !isEnding; ) {
    await elapse(windowSeconds);
    const { times, odd } = progress;
    Object.assign(progress, { times: [], odd: 0 });
    process.send({ answers: times.length, seconds: windowSeconds, ...percentiles(times), odd });
  }
  for (const connection of open) connection.close();
  process.send("ended");
}

/** Keeps one connection busy until it is closed. */
function drive(progress) {
  let index = 0;
  let sent = 0;
  let keep = false;
  const connection = openConnection(target.port, {
    onAnswer({ status, length, body }) {
      progress.times?.push(performance.now() - sent);
      if (status !== 200 || length !== lengths[index]) progress.odd += 1;
      if (keep) progress.kept.push({ index, text: body.toString() });
      ask();
    },
    onLost(error) {
      progress.odd += 1;
      console.error(`load: ${error.message}`);
    },
  });
  const ask = () => {
    // A stride that shares no factor with the number of requests visits them all, in no order of theirs.
    index = (progress.next++ * 1_663) % requests.length;
    sent = performance.now();
    keep = progress.times !== null && sent >= progress.nextKept;
    if (keep) progress.nextKept += progress.keepEvery;
    connection.ask(requests[index], keep);
  };
  ask();
  return connection;
}

const elapse = (seconds) => new Promise((resolve) => setTimeout(resolve, seconds * 1_000));

process.on("message", async (message) => {
  if (message.prepare) process.send({ answers: await prepare(message.prepare) });
  if (message.run) await run(message.run);
  if (message.begin) await runInWindows(message.begin);
  if (message.end) isEnding = true;
});
process.on("disconnect", () => process.exit());
