/** CPU profiles of single phases, for the tools that read `.cpuprofile` files. */
import { mkdirSync, writeFileSync } from "node:fs";
import { Session } from "node:inspector/promises";
import { join } from "node:path";

/** @returns a function that runs `work`, profiled when there is a folder to write to */
export function profiler(folder, subject) {
  if (!folder) return (_, work) => work();
  mkdirSync(folder, { recursive: true });
  return async (phase, work) => {
    const session = new Session();
    session.connect();
    await session.post("Profiler.enable");
    await session.post("Profiler.start");
    const result = await work();
    const { profile } = await session.post("Profiler.stop");
    session.disconnect();
    writeFileSync(join(folder, `${subject}-${phase}.cpuprofile`), JSON.stringify(profile));
    return result;
  };
}
