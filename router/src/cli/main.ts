/** The process around `runRouter`. */
import { runRouter } from "./run.js";

let stops = 0;
let stop = (): void => process.exit(0);
let reload = (): void => {};

for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.on(signal, () => {
    stops += 1;
    if (stops > 1) process.exit(130);
    stop();
  });
}

process.on("SIGHUP", () => reload());

process.exitCode = await runRouter({
  args: process.argv.slice(2),
  env: process.env,
  say: (line) => console.log(line),
  complain: (line) => console.error(line),
  onStop: (handler) => {
    stop = handler;
  },
  onReload: (handler) => {
    reload = handler;
  },
});
