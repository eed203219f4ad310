/** One subject in a process of its own: opens it, measures it, tells the figures. */
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import { measureMillion } from "./src/million.mjs";
import { measure } from "./src/phases.mjs";

const require = createRequire(new URL("./peers/package.json", import.meta.url));
/** A package of the peers' own folder. */
const load = (name) => import(pathToFileURL(require.resolve(name)).href);

process.once("disconnect", () => process.exit(1));
process.once("message", async ({ program, settings, task }) => {
  try {
    const { open } = await import(program);
    const subject = await open({ ...settings, load });
    const figures = await (task.events ? measureMillion : measure)(subject, { ...settings, ...task });
    process.send({ figures });
    await subject.close();
    process.exit(0);
  } catch (error) {
    process.send({ problem: error.stack ?? String(error) }, () => process.exit(1));
  }
});
