/** A real Kafka for tests: Apache's own artifacts, fetched by Maven, one node in KRaft mode in a temporary folder. */
import { execFile, spawn } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { Problem } from "../workspace.mjs";

const execute = promisify(execFile);
const version = "4.1.1";
/** A busy machine takes its time. */
const startMs = 180_000;
/** Kafka wants an identity for its cluster: 16 bytes in base64url. */
const clusterId = "dGVzc2VyYS10ZXN0cy0wMQ";

/** @returns `{ brokers, restart({ downMs }), stop() }` */
export async function startKafkaBroker({ say = () => {} } = {}) {
  await assertJava();
  const folder = await mkdtemp(join(tmpdir(), "tessera-kafka-"));
  const remove = () => rm(folder, { recursive: true, force: true });
  try {
    say(`Fetching Kafka ${version} with Maven`);
    const classpath = await resolveArtifacts(folder);
    const [port, controllerPort] = [await freePort(), await freePort()];
    await writeFile(join(folder, "server.properties"), properties(folder, port, controllerPort));
    const tool = ["kafka.tools.StorageTool", "format", "-t", clusterId, "-c", join(folder, "server.properties")];
    await execute("java", ["-Xmx256m", "-cp", classpath, ...tool]);
    say("Starting Kafka");
    let broker = await launch(folder, classpath, port);
    return {
      brokers: `127.0.0.1:${port}`,
      restart: async ({ downMs = 0 } = {}) => {
        await kill(broker);
        await sleep(downMs);
        broker = await launch(folder, classpath, port);
      },
      stop: async () => {
        await kill(broker);
        await remove();
      },
    };
  } catch (error) {
    await remove();
    throw error;
  }
}

async function assertJava() {
  const { stderr = "" } = await execute("java", ["-version"]).catch(() => ({}));
  const major = Number(/version "(\d+)/.exec(stderr)?.[1] ?? 0);
  if (major < 17) {
    throw new Problem(
      `Kafka needs Java 17 or newer on the PATH; found ${major === 0 ? "none" : major}. Debian and Ubuntu: apt-get ` +
        "install openjdk-17-jre-headless. Or set KAFKA_BROKERS to a Kafka that runs already.",
    );
  }
  await execute("mvn", ["--version"]).catch(() => {
    throw new Problem(
      "Maven (mvn) is not on the PATH; it fetches Kafka. Debian and Ubuntu: apt-get install maven. " +
        "Or set KAFKA_BROKERS to a Kafka that runs already.",
    );
  });
}

/** What Maven fetched once stays in its own repository for the next time. @returns a class path */
async function resolveArtifacts(folder) {
  const pom = join(folder, "pom.xml");
  const output = join(folder, "classpath");
  await writeFile(
    pom,
    `<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>tessera</groupId><artifactId>kafka-for-tests</artifactId><version>1</version><packaging>pom</packaging>
  <dependencies>
    <dependency><groupId>org.apache.kafka</groupId><artifactId>kafka_2.13</artifactId><version>${version}</version></dependency>
  </dependencies>
</project>
`,
  );
  try {
    const goal = ["dependency:build-classpath", `-Dmdep.outputFile=${output}`];
    await execute("mvn", ["--batch-mode", "--quiet", "--file", pom, ...goal], { maxBuffer: 10_000_000 });
  } catch (error) {
    throw new Problem(`Maven could not fetch Kafka ${version}:\n${`${error.stdout}${error.stderr}`.trim()}`);
  }
  return (await readFile(output, "utf8")).trim();
}

function properties(folder, port, controllerPort) {
  const settings = {
    "process.roles": "broker,controller",
    "node.id": 1,
    "controller.quorum.voters": `1@127.0.0.1:${controllerPort}`,
    listeners: `PLAINTEXT://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controllerPort}`,
    "advertised.listeners": `PLAINTEXT://127.0.0.1:${port}`,
    "controller.listener.names": "CONTROLLER",
    "log.dirs": join(folder, "data"),
    "offsets.topic.replication.factor": 1,
    "offsets.topic.num.partitions": 4,
    "transaction.state.log.replication.factor": 1,
    "transaction.state.log.min.isr": 1,
    "group.initial.rebalance.delay.ms": 0,
    "auto.create.topics.enable": false,
  };
  return Object.entries(settings)
    .map(([name, value]) => `${name}=${value}\n`)
    .join("");
}

async function launch(folder, classpath, port) {
  const memory = ["-Xmx512m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"];
  const broker = spawn("java", [...memory, "-cp", classpath, "kafka.Kafka", join(folder, "server.properties")], {
    stdio: "ignore",
    cwd: folder,
  });
  process.once("exit", () => broker.kill("SIGKILL"));
  for (let waited = 0; waited < startMs && broker.exitCode === null; waited += 100) {
    if (await listens(port)) return broker;
    await sleep(100);
  }
  await kill(broker);
  throw new Problem("Kafka did not start within three minutes.");
}

function listens(port) {
  return new Promise((resolve) => {
    const socket = connect({ port, host: "127.0.0.1" }, () => answer(true));
    const answer = (listening) => {
      socket.destroy();
      resolve(listening);
    };
    socket.once("error", () => answer(false));
  });
}

/** As if its machine had lost power: what was acknowledged has to be there afterwards. */
async function kill(broker) {
  if (broker.exitCode !== null || broker.signalCode !== null) return;
  const ended = new Promise((resolve) => broker.once("exit", resolve));
  broker.kill("SIGKILL");
  await ended;
}

function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}
