/** `npm run test:kafka`: the rules every bus has to keep, over a real Kafka. */
import { createServer } from "node:http";
import { startKafkaBroker } from "./testing/kafka-broker.mjs";
import { run, stopRunning } from "./testing/steps.mjs";
import { Problem, runScript } from "./workspace.mjs";

const help = `
Usage: npm run test:kafka [-- files of packages/events/test]

Starts a Kafka (one node, KRaft mode) in a temporary folder, runs the tests of packages/events and e2e that are about
Kafka against it, and stops it. Needs Java 17 or newer, and Maven, which fetches Kafka from its repository the first time.

With KAFKA_BROKERS set the tests run against that Kafka instead, without those that restart the broker. They make topics
and groups called tessera.<12 hexadecimal digits>.* and leave them there.
`;

/** Lets a test ask for a restart of the broker, which is not its own child. @returns `{ url, close }` */
async function openControl(broker) {
  const server = createServer((request, response) => {
    const downMs = Number(new URL(request.url, "http://control").searchParams.get("downMs"));
    broker.restart({ downMs }).then(
      () => response.end(),
      (error) => response.writeHead(500).end(error.message),
    );
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { url: `http://127.0.0.1:${server.address().port}`, close: () => server.close() };
}

/** One file after the other: one of them restarts the broker. */
async function runTests(files, env) {
  const vitest = (folder, filter) =>
    run("npx", ["vitest", "run", "--root", folder, "--no-file-parallelism", ...filter], { show: true, env });
  const runs =
    files.length > 0
      ? [["packages/events", files]]
      : [
          ["packages/events", ["test/kafka"]],
          ["e2e", ["test/kafka"]],
        ];
  const codes = [];
  for (const [folder, filter] of runs) codes.push((await vitest(folder, filter)).code);
  if (codes.some((code) => code !== 0)) throw new Problem("Some rule does not hold over Kafka; see above.");
}

async function main(files) {
  process.once("exit", stopRunning);
  if (process.env.KAFKA_BROKERS) return runTests(files, {});
  const broker = await startKafkaBroker({ say: console.log });
  const control = await openControl(broker);
  const onSignal = () => void broker.stop().then(() => process.exit(130));
  process.once("SIGINT", onSignal).once("SIGTERM", onSignal);
  try {
    await runTests(files, { KAFKA_BROKERS: broker.brokers, TESSERA_KAFKA_CONTROL: control.url });
  } finally {
    control.close();
    await broker.stop();
  }
}

await runScript(help, main);
