/** Runs one task of one configuration in a new process. */
import { fork } from "node:child_process";
import { join } from "node:path";
import { folder } from "./configurations.mjs";

/** @returns the figures, or throws what the process said */
export async function runSubject({ id, program, settings }, given, task) {
  // As `npm start` does.
  const execArgv = ["--max-semi-space-size=32", "--no-allocation-site-pretenuring", "--expose-gc"];
  const child = fork(join(folder, "subject.mjs"), [], { execArgv, env: { ...process.env, NODE_ENV: "production" } });
  const answer = new Promise((resolve, reject) => {
    child.once("message", resolve);
    child.once("exit", (code) => reject(new Error(`The process ended with code ${code} before it answered.`)));
  });
  const gone = new Promise((resolve) => child.once("exit", resolve));
  child.send({ program, settings: { ...given, ...settings }, task: { id, ...task } });
  const { figures, problem } = await answer;
  await gone;
  if (problem) throw new Error(problem);
  return figures;
}
