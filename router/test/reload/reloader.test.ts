import { mkdtempSync, readFileSync, renameSync, rmSync, symlinkSync, unlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, type Mock, test, vi } from "vitest";
import { createFingerprint } from "../../src/reload/fingerprint.js";
import { createReloader, type Reloader } from "../../src/reload/reloader.js";

let folder: string;
let file: string;
let reloaders: Reloader[];
type LogCall = (details: object, message: string) => void;
let log: { info: Mock<LogCall>; error: Mock<LogCall> };
let used: string[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "reload-"));
  file = join(folder, "supergraph.graphql");
  writeFileSync(file, "one");
  reloaders = [];
  used = [];
  log = { info: vi.fn(), error: vi.fn() };
});

afterEach(async () => {
  await Promise.all(reloaders.map((reloader) => reloader.close()));
  rmSync(folder, { recursive: true, force: true });
});

interface Times {
  readonly pollMs?: number;
  readonly onReload?: (text: string) => Promise<void>;
}

async function start({
  pollMs = 60_000,
  onReload = async (text) => void used.push(text),
}: Times = {}): Promise<Reloader> {
  const load = async () => {
    const text = readFileSync(file, "utf8");
    if (text.startsWith("bad")) throw new Error(`${file}:1:1 is not GraphQL`);
    return text;
  };
  const reloader = createReloader({ files: () => [file], load, onReload, log, pollMs, quietMs: 20 });
  reloaders.push(reloader);
  // The first look at the files is taken without being waited for. One that begins as much later ends later.
  await new Promise((resolve) => setTimeout(resolve, 300));
  await createFingerprint()([file]);
  return reloader;
}

/** Machines that run other tests take their time. */
const eventually = (check: () => void) => vi.waitFor(check, { timeout: 20_000 });

const quiet = () => new Promise((resolve) => setTimeout(resolve, 300));

test("a file that is written in place is taken over once, however many steps the writing takes", async () => {
  await start();
  for (const text of ["t", "tw", "two"]) writeFileSync(file, text);
  await eventually(() => expect(used).toEqual(["two"]));
  await quiet();
  expect(used).toEqual(["two"]);
});

test("a change is taken over although something else is always written beside it", async () => {
  await start();
  const writing = setInterval(() => writeFileSync(join(folder, "some.log"), "once more"), 5);
  try {
    writeFileSync(file, "two");
    await eventually(() => expect(used).toEqual(["two"]));
  } finally {
    clearInterval(writing);
  }
});

test("a new file renamed over the old one is taken over, and so is the next one", async () => {
  await start();
  for (const text of ["two", "three"]) {
    writeFileSync(`${file}.new`, text);
    renameSync(`${file}.new`, file);
    await eventually(() => expect(used.at(-1)).toBe(text));
  }
});

test("a link that points elsewhere now, as in a mounted configuration map, is taken over", async () => {
  unlinkSync(file);
  writeFileSync(join(folder, "a"), "one");
  writeFileSync(join(folder, "b"), "two");
  symlinkSync("a", file);
  await start();
  symlinkSync("b", `${file}.new`);
  renameSync(`${file}.new`, file);
  await eventually(() => expect(used).toEqual(["two"]));
});

test("a file written again with the same content, and other files of the folder, change nothing", async () => {
  await start();
  writeFileSync(file, "one");
  writeFileSync(join(folder, "other"), "x");
  await quiet();
  expect(used).toEqual([]);
});

test("polling finds what the file system does not tell", async () => {
  const elsewhere = mkdtempSync(join(tmpdir(), "reload-target-"));
  const target = join(elsewhere, "real.graphql");
  writeFileSync(target, "one");
  unlinkSync(file);
  symlinkSync(target, file);
  await start({ pollMs: 50 });
  // Nothing happens in the folder that is watched.
  writeFileSync(target, "two");
  await eventually(() => expect(used).toEqual(["two"]));
  rmSync(elsewhere, { recursive: true });
});

test("a bad file is reported once with its place and not used; a good one afterwards is", async () => {
  await start({ pollMs: 50 });
  writeFileSync(file, "bad");
  await eventually(() => expect(log.error).toHaveBeenCalled());
  await quiet();
  expect(log.error.mock.calls).toEqual([
    [{ reason: `${file}:1:1 is not GraphQL` }, "Not reloaded: what was running before goes on."],
  ]);
  expect(used).toEqual([]);
  writeFileSync(file, "two");
  await eventually(() => expect(used).toEqual(["two"]));
});

test("a file that is gone for a while, and back as it was, ends nothing", async () => {
  await start();
  unlinkSync(file);
  await eventually(() => expect(log.error).toHaveBeenCalledTimes(1));
  writeFileSync(file, "one");
  await eventually(() => expect(used).toEqual(["one"]));
});

test("a reload that is asked for loads although nothing has changed, and never rejects", async () => {
  const reloader = await start();
  await reloader.reload();
  expect(used).toEqual(["one"]);
  writeFileSync(file, "bad");
  await reloader.reload();
  expect(log.error).toHaveBeenCalledTimes(1);
});

test("what cannot be put to use is reported like a bad file", async () => {
  const reloader = await start({ onReload: () => Promise.reject(new Error("A subgraph has no address.")) });
  await reloader.reload();
  expect(log.error.mock.calls[0]?.[0]).toEqual({ reason: "A subgraph has no address." });
});

test("reloads run one after the other, the newest file last", async () => {
  let running = 0;
  let most = 0;
  const reloader = await start({
    onReload: async (text) => {
      most = Math.max(most, ++running);
      await new Promise((resolve) => setTimeout(resolve, 30));
      used.push(text);
      running -= 1;
    },
  });
  const first = reloader.reload();
  writeFileSync(file, "two");
  await Promise.all([first, reloader.reload()]);
  expect([most, used.at(-1)]).toEqual([1, "two"]);
});

test("nothing is taken over after the end", async () => {
  const reloader = await start({ pollMs: 50 });
  writeFileSync(file, "two");
  await reloader.close();
  await reloader.reload();
  await quiet();
  expect(used).toEqual([]);
});
