/** One configuration, started anew, checked, warmed up and measured. */

import { Failure } from "./failure.mjs";
import { startGateway } from "./gateway.mjs";
import { cpuMilliseconds, peakMegabytes } from "./process-figures.mjs";
import { problemOf } from "./same-answer.mjs";

const samples = 50;

/**
 * @param stage `{ load, subgraphs, files, expected, bodies, connections, warmUpSeconds, seconds }`
 * @returns the figures of one round; throws when an answer is wrong.
 */
export async function measure(configuration, stage) {
  const gateway = await startGateway(configuration, stage.files);
  try {
    await checkEach(configuration, gateway, stage);
    return await underLoad(gateway, stage);
  } finally {
    await gateway.stop();
  }
}

async function askEach(configuration, gateway, { load, bodies }) {
  load.send({ prepare: { port: gateway.port, path: configuration.path, bodies } });
  const { answers } = await load.next((message) => message.answers);
  return answers;
}

async function checkEach(configuration, gateway, stage) {
  const answers = await askEach(configuration, gateway, stage);
  answers.forEach((answer, index) => {
    const problem = problemOf(answer, stage.expected[index]);
    if (problem) throw new Failure("answers wrongly", `${problem}\n${stage.bodies[index].slice(0, 500)}`);
  });
}

async function underLoad(gateway, stage) {
  const { load, connections, warmUpSeconds, seconds, expected } = stage;
  load.send({ run: { connections, warmUpSeconds, seconds, samples } });
  await load.next((message) => message === "measuring");
  const before = await counters(gateway, stage);
  const result = await load.next((message) => message.kept);
  const after = await counters(gateway, stage);
  const wrong = result.kept.map(({ index, text }) => problemOf({ text }, expected[index])).find(Boolean);
  if (wrong) throw new Failure("answers wrongly under load", wrong);
  if (result.odd > 0)
    throw new Failure("answers wrongly under load", `${result.odd} answers had another status or length.`);
  return {
    perSecond: result.answers / result.seconds,
    p50: result.p50,
    p95: result.p95,
    p99: result.p99,
    cpu: (after.cpu - before.cpu) / result.answers,
    calls: (after.calls - before.calls) / result.answers,
    peak: peakMegabytes(gateway.pid),
    /** How much of its core the load took: near 1, it would be the load that is measured. */
    loadBusy: (after.loadCpu - before.loadCpu) / (result.seconds * 1_000),
  };
}

async function counters(gateway, { subgraphs, load }) {
  const cpu = cpuMilliseconds(gateway.pid);
  const loadCpu = cpuMilliseconds(load.pid);
  subgraphs.send("calls");
  const { calls } = await subgraphs.next((message) => message.calls !== undefined);
  return { cpu, loadCpu, calls };
}
