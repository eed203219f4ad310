/** What every measurement needs: subgraphs, the supergraph file, the load, and the right answers. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { writeSupergraph } from "../world/supergraph.mjs";
import { rightAnswer } from "../world/whole.mjs";
import { cores, startChild, stayOffTheGatewaysCore } from "./child.mjs";
import { folder } from "./configurations.mjs";

export async function setStage() {
  stayOffTheGatewaysCore();
  const directory = mkdtempSync(join(tmpdir(), "tessera-gateways-"));
  const files = { supergraph: join(directory, "supergraph.graphql"), answers: join(directory, "answers.json") };
  const subgraphs = startChild([join(folder, "world", "serve.mjs")], { core: cores.others, ipc: true });
  const { port } = await subgraphs.next((message) => message.port);
  const load = startChild([join(folder, "src", "load.mjs")], { core: cores.others, ipc: true });
  await writeSupergraph(files.supergraph, port);
  const strike = async () => {
    await Promise.all([subgraphs.stop(), load.stop()]);
    rmSync(directory, { recursive: true, force: true });
  };
  return { files, subgraphs, load, strike };
}

/** The stage with one workload: its requests and what is right to answer. */
export function prepareWorkload(stage, workload) {
  const bodies = workload.bodies();
  const texts = bodies.map(rightAnswer);
  writeFileSync(stage.files.answers, JSON.stringify(bodies.map((body, index) => [body, texts[index]])));
  const bytes = { request: Buffer.byteLength(bodies[0]), answer: Buffer.byteLength(texts[0]) };
  return {
    ...stage,
    bodies,
    bytes,
    connections: workload.connections,
    expected: texts.map((text) => JSON.parse(text).data),
  };
}
