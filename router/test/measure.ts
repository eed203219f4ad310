/**
 * Serves the test world for a load generator until Ctrl-C, then prints what each request cost this process.
 *
 *     npx tsx --conditions=source test/measure.ts 4100
 *     npx autocannon -c 50 -d 10 -m POST -H content-type=application/json -b "$(cat test/measure.json)" http://127.0.0.1:4100/graphql
 */
import { startWorld } from "./world/world.js";

const { router, calls } = await startWorld({ port: Number(process.argv[2] ?? 4100), development: false });
// The world keeps every call for its tests; here that would fill the memory.
const forget = setInterval(() => calls.splice(0), 1_000);
const before = process.cpuUsage();
console.log(`${router.url}/graphql`);

process.once("SIGINT", async () => {
  const { user, system } = process.cpuUsage(before);
  const text = await (await fetch(`${router.url}/metrics`)).text();
  const requests = Number(/tessera_request_duration_seconds_count\{[^}]*outcome="ok"\} (\d+)/.exec(text)?.[1] ?? 0);
  const rss = Math.round(process.memoryUsage().rss / 2 ** 20);
  console.log(
    `${requests} requests, ${((user + system) / 1_000 / requests).toFixed(2)} ms of CPU each, ${rss} MB resident`,
  );
  clearInterval(forget);
  await router.close();
});
