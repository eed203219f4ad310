/** The process of one subgraph in the distributed topology. It lives as long as the launcher that forked it. */
import { openDatabase } from "@tessera/database";
import { graphAt, type Subgraph, serveSubgraph, startProcesses, startReactions } from "@tessera/subgraph";
import { createTelemetry } from "@tessera/telemetry";
import { Closers } from "../closers.js";
import { openPlatform } from "../platform.js";
import { portProblem } from "../ports.js";
import { describeFailure } from "../problem.js";
import { importSubgraph } from "../supergraph-file.js";
import type { ChildOrders, FromChild, ToChild } from "./orders.js";

const closers = new Closers();
const connections = 5;

async function serve(orders: ChildOrders): Promise<FromChild> {
  const subgraph = await importSubgraph(orders.folder);
  const database = await closers.add(await openDatabase({ url: orders.databaseUrl, poolSize: connections }));
  const telemetry = createTelemetry({ service: `tessera-${orders.name}` });
  const secret = Buffer.from(orders.secret, "hex");
  const keys = new URL(orders.keysUrl);
  const { redisUrl, kafkaBrokers, oidc, announcesReactions } = orders;
  const parts = {
    database,
    redisUrl,
    kafkaBrokers,
    secret,
    telemetry,
    keys,
    oidc,
    announcesReactions,
    graph: graphAt(new URL(orders.graphUrl)),
  };
  const { runtime } = await openPlatform(parts, closers);
  await closers.add(runtime.events.startRelay());
  await closers.add(startReactions(subgraph, runtime));
  await closers.add(startProcesses(subgraph, runtime));
  return listen(subgraph, orders, runtime);
}

async function listen(
  subgraph: Subgraph,
  { port }: ChildOrders,
  runtime: Parameters<typeof serveSubgraph>[1],
): Promise<FromChild> {
  const served = await serveSubgraph(subgraph, runtime, { port }).catch((error: unknown) => {
    throw portProblem(error, port);
  });
  await closers.add(served);
  return { kind: "ready", url: served.url, port: served.port };
}

async function start(orders: ChildOrders): Promise<void> {
  const answer = await serve(orders).catch(
    (error: unknown): FromChild => ({ kind: "failed", sentence: `${orders.name}: ${describeFailure(error)}` }),
  );
  process.send?.(answer);
  if (answer.kind === "failed") await stop(1);
}

async function stop(code: number): Promise<void> {
  await closers.close().catch(() => {});
  process.exit(code);
}

process.on("message", (message: ToChild) => void (message.kind === "start" ? start(message) : stop(0)));
// The launcher is gone, however it went.
process.on("disconnect", () => void stop(0));
// Ctrl-C reaches the whole terminal; the launcher decides the order in which things stop.
process.on("SIGINT", () => {});
