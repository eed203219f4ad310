/** The processes of the bench: the router on one core, the clients on the other, and calls to them. */
import { fileURLToPath } from "node:url";
import { cores, startChild, stayOffTheGatewaysCore } from "../gateway/src/child.mjs";

const fileOf = (name) => fileURLToPath(new URL(name, import.meta.url));
let calls = 0;

async function start(name, flags, core) {
  const child = startChild([...flags, fileOf(name)], { core, env: { NODE_ENV: "production" }, ipc: true });
  const failed = child.exited.then(() => {
    throw new Error(`${name} ended.\n${child.output()}`);
  });
  failed.catch(() => {});
  const { port } = await Promise.race([child.next(({ ready }) => ready), failed]);
  const call = (command, given = {}) => {
    const id = ++calls;
    child.send({ id, command, ...given });
    return Promise.race([child.next((message) => message.id === id), failed]);
  };
  return { pid: child.pid, port, call, stop: child.stop };
}

/** @returns `{ router, workers, strike }` */
export async function castProcesses({ workers: count, routerFlags }) {
  stayOffTheGatewaysCore();
  const router = await start("router.mjs", ["--expose-gc", ...routerFlags], cores.gateway);
  const workers = await Promise.all(Array.from({ length: count }, () => start("clients.mjs", [], cores.others)));
  const strike = () => Promise.all([...workers, router].map((one) => one.stop()));
  return { router, workers, strike };
}
