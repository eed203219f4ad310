import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdir, mkdtemp, readdir, readFile, realpath, rm, writeFile } from "node:fs/promises";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { prepareBinaries } from "../src/embedded/binaries.js";
import { isAlive } from "../src/embedded/process-facts.js";
import { startEmbedded } from "../src/embedded/server.js";
import { serverUser } from "../src/embedded/server-user.js";
import { openDatabase } from "../src/index.js";
import { otherProcess } from "./child.js";

const asRoot = process.getuid?.() === 0;

describe("the embedded server", () => {
  let home: string;
  let dataDir: string;
  beforeEach(async () => {
    home = await mkdtemp(join(tmpdir(), "tessera embedded "));
    await chmod(home, 0o755);
    dataDir = join(home, "a folder", "data dir");
  });
  afterEach(() => rm(home, { recursive: true, force: true }));

  const start = () => openDatabase({ dataDir, poolSize: 1 });
  const gone = async (pid: number) => {
    for (let waited = 0; waited < 20_000 && isAlive(pid); waited += 20) await sleep(20);
    return !isAlive(pid);
  };

  test("keeps its data from one run to the next, in a folder whose name has spaces, and starts within a second", async () => {
    const created = performance.now();
    const first = await start();
    const createMs = performance.now() - created;
    await first.admin`create table public.note (text text)`;
    await first.admin`insert into public.note values ('kept')`;
    await first.close();
    const begin = performance.now();
    const second = await start();
    // On a busy machine in less than it took to make the data.
    expect(performance.now() - begin).toBeLessThan(Math.max(1000, createMs));
    expect(await second.admin`select text from public.note`).toEqual([{ text: "kept" }]);
    expect(await second.admin`show server_version`).toMatchObject([{ server_version: expect.stringMatching(/^18/) }]);
    await second.close();
    expect(await readdir(dataDir)).not.toContain("owner.json");
  });

  test("listens on a private socket and on no network address", async () => {
    const database = await start();
    expect(await database.admin`show listen_addresses`).toEqual([{ listen_addresses: "" }]);
    expect(database.url).toMatch(/^postgres:\/\/postgres@localhost\/tessera\?host=/);
    expect(await database.health()).toMatchObject({ ok: true });
    await database.close();
    expect(await database.health()).toMatchObject({ ok: false });
  });

  test("refuses a folder that another process uses, and says which", async () => {
    const { child } = await otherProcess(dataDir);
    await expect(start()).rejects.toMatchObject({
      code: "DATA_DIR_IN_USE",
      message: expect.stringContaining(`process ${child.pid}`),
    });
    child.send("leave");
    await once(child, "exit");
    const database = await start();
    await expect(start()).rejects.toThrow(/in use by this very process/);
    await database.close();
  });

  test("ends with its process, even one that was killed, and the folder is free again", async () => {
    const { child, pid } = await otherProcess(dataDir);
    expect(isAlive(pid)).toBe(true);
    child.kill("SIGKILL");
    await once(child, "exit");
    expect(await gone(pid)).toBe(true);
    const database = await start();
    await database.close();
  });

  test("stops a server that was left over without its keeper", async () => {
    const { child, pid } = await otherProcess(dataDir);
    const keeper = Number((await readFile(`/proc/${pid}/stat`, "utf8")).split(" ")[3]);
    // The watcher is a shell beside the server: both it and the keeper go first, so that nobody stops the server.
    const siblings = (await readFile(`/proc/${keeper}/task/${keeper}/children`, "utf8")).trim().split(" ").map(Number);
    for (const process_ of [keeper, ...siblings.filter((sibling) => sibling !== pid)])
      process.kill(process_, "SIGKILL");
    child.kill("SIGKILL");
    await once(child, "exit");
    expect(isAlive(pid)).toBe(true);
    const database = await start();
    expect(isAlive(pid)).toBe(false);
    await database.close();
  });

  test("a pid file whose number now belongs to another program does not hinder", async () => {
    await (await start()).close();
    const other = spawn("sleep", ["60"]);
    const data = await realpath(join(dataDir, "data"));
    await writeFile(join(data, "postmaster.pid"), `${other.pid}\n${data}\n0\n5432\n/tmp\n\n\nready\n`);
    await writeFile(join(dataDir, "owner.json"), JSON.stringify({ pid: other.pid, startedAt: "another time" }));
    const database = await start();
    expect(other.exitCode).toBeNull();
    other.kill();
    await database.close();
  });

  test("a run that died while creating the data leaves nothing half made", async () => {
    await mkdir(join(dataDir, ".draft-0123"), { recursive: true });
    await writeFile(join(dataDir, ".draft-0123", "PG_VERSION"), "18\n");
    const database = await start();
    await database.close();
    expect(await readdir(dataDir)).not.toContain(".draft-0123");
  });

  test("data of another version is refused with what to do, and left alone", async () => {
    await mkdir(join(dataDir, "data"), { recursive: true });
    await writeFile(join(dataDir, "data", "PG_VERSION"), "16\n");
    await expect(start()).rejects.toMatchObject({ code: "DATA_DIR_WRONG_VERSION", message: /pg_upgrade/ });
    expect(await readdir(join(dataDir, "data"))).toEqual(["PG_VERSION"]);
  });

  test("a folder that is no PostgreSQL data is refused", async () => {
    await mkdir(join(dataDir, "data"), { recursive: true });
    await expect(start()).rejects.toMatchObject({ code: "DATA_DIR_UNUSABLE" });
    await rm(dataDir, { recursive: true });
    await writeFile(join(home, "a folder", "data dir"), "a file");
    await expect(start()).rejects.toMatchObject({ code: "DATA_DIR_UNUSABLE" });
  });

  test("a server that cannot start says why", async () => {
    const broken = startEmbedded({ dataDir, settings: { shared_buffers: "nonsense" } });
    await expect(broken).rejects.toMatchObject({ code: "SERVER_FAILED", message: /shared_buffers/ });
    await (await start()).close();
  });

  // Only root can become somebody else.
  if (asRoot) {
    test("started by root, it works from a folder that only root may enter", async () => {
      const hidden = await mkdtemp(join(homedir(), "tessera hidden "));
      const lines: string[] = [];
      const open = () =>
        openDatabase({ dataDir: join(hidden, "pg"), poolSize: 1, onProgress: (line) => lines.push(line) });
      const database = await open();
      await database.admin`create table public.note (text text)`;
      await database.close();
      const again = await open();
      expect(await again.admin`select * from public.note`).toEqual([]);
      await again.close();
      expect(lines).toEqual([expect.stringContaining("its data goes to /var/lib/tessera/data-")]);
      await rm(await realpath(join(hidden, "pg", "data")), { recursive: true });
      await rm(hidden, { recursive: true });
    });
  }

  // Only root can become somebody else.
  if (asRoot) {
    test("programs that the server's user cannot reach are copied once", async () => {
      const cache = join(home, "cache");
      const nobody = { uid: 65533, gid: 65533 };
      const reachable = await prepareBinaries(cache, serverUser());
      expect(reachable.postgres).toContain("node_modules");
      await mkdir(cache, { mode: 0o755 });
      const copied = await prepareBinaries(cache, nobody, true);
      expect(copied.postgres.startsWith(cache)).toBe(true);
      const child = spawn(copied.postgres, ["--version"], { ...nobody, stdio: "ignore" });
      expect(await once(child, "exit")).toEqual([0, null]);
    });
  }
});
