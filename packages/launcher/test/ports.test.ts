import { createServer, type Server } from "node:net";
import { afterEach, expect, test } from "vitest";
import { assertPortFree, freePort } from "../src/ports.js";
import { describeFailure, LaunchProblem, sentenceFor } from "../src/problem.js";

let server: Server | undefined;
afterEach(() => server?.close());

test("a free port passes, a taken one is refused with another to try", async () => {
  const port = await freePort();
  await assertPortFree(port);
  server = createServer();
  await new Promise<void>((resolve) => server?.listen(port, resolve));
  await expect(assertPortFree(port)).rejects.toThrow(
    `Port ${port} is taken by another program: stop it, or choose another port, such as PORT=${port + 1} npm start.`,
  );
});

test("an address this machine does not have is refused by name", async () => {
  await expect(assertPortFree(0, "203.0.113.9")).rejects.toThrow('HOST is "203.0.113.9"');
});

test("causes the person can remove are one sentence, defects keep their stack", () => {
  const denied = Object.assign(new Error("EACCES: permission denied"), { code: "EACCES", path: "/data" });
  expect(sentenceFor(denied)).toContain("There is no permission for /data");
  expect(sentenceFor(Object.assign(new Error("The database is busy."), { code: "DATABASE_BUSY" }))).toBe(
    "The database is busy.",
  );
  expect(describeFailure(new LaunchProblem("Build first."))).toBe("Build first.");
  expect(sentenceFor(new TypeError("x is not a function"))).toBeNull();
  expect(sentenceFor(Object.assign(new Error("bad"), { code: "ERR_MODULE_NOT_FOUND" }))).toBeNull();
  expect(describeFailure(new TypeError("x is not a function"))).toMatch(/^Unexpected failure: TypeError.*\n\s+at /);
});
