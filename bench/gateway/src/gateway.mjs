/** Starts one configuration on the gateway's core and waits until it answers. */
import { createServer } from "node:net";
import { cores, startChild } from "./child.mjs";
import { Failure } from "./failure.mjs";

const patienceMs = 60_000;

/** @returns `{ port, pid, stop }`; rejects with what the process said when it does not come up. */
export async function startGateway(configuration, files) {
  const port = await freePort();
  const { args, cwd, env } = configuration.start({ port, ...files });
  const child = startChild(args, { core: cores.gateway, cwd, env });
  const deadline = Date.now() + patienceMs;
  while (!(await answers(port, configuration.path))) {
    if (child.isRunning() && Date.now() < deadline) continue;
    await child.stop();
    throw new Failure("does not start", child.output());
  }
  return { port, pid: child.pid, stop: child.stop, output: child.output };
}

async function answers(port, path) {
  await new Promise((resolve) => setTimeout(resolve, 100));
  const body = JSON.stringify({ query: "{ __typename }" });
  const headers = { "content-type": "application/json" };
  const response = await fetch(`http://127.0.0.1:${port}${path}`, { method: "POST", headers, body }).catch(() => null);
  return response !== null && (await response.text()) !== "" && response.status < 500;
}

function freePort() {
  return new Promise((resolve) => {
    const probe = createServer().listen(0, "127.0.0.1", () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });
}
