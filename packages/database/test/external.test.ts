import { setTimeout as sleep } from "node:timers/promises";
import { sql } from "drizzle-orm";
import postgres from "postgres";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { clientOptions, parseUrl } from "../src/connection-url.js";
import { type Database, type DatabaseError, newId, openDatabase } from "../src/index.js";
import { freePort, type OwnTestServer, startTestServer } from "../src/testing/index.js";
import { birds, trees } from "./modules/index.js";
import { plantedTrees, species } from "./modules/trees/tables.js";

const scope = { tenantId: newId() };

/** A server reached by TCP and password, whose owner role is no superuser. */
describe("an external server", () => {
  let server: OwnTestServer;
  let port: number;
  let url: string;
  const asAdministrator = (database = "postgres") => postgres(clientOptions({ ...parseUrl(server.url), database }, 1));

  beforeAll(async () => {
    server = await startTestServer({ own: true });
    port = parseUrl(server.url).port;
    const admin = asAdministrator();
    await admin`create role keeper login createrole password 'p@ss/word'`;
    await admin`create role guest login password 'guest'`;
    await admin`create database garden owner keeper`;
    await admin.end();
    url = `postgres://keeper:${encodeURIComponent("p@ss/word")}@127.0.0.1:${port}/garden`;
  });
  afterAll(() => server?.stop());

  test("an owner that is no superuser can migrate, and tenants are apart", async () => {
    const database = await openDatabase({ url });
    await database.migrate([trees, birds]);
    const module = database.forModule("trees");
    await module.transaction(scope, (db) => db.insert(plantedTrees).values({ id: newId(), name: "Oak" }));
    expect(await module.reader(scope).select().from(plantedTrees)).toHaveLength(1);
    expect(await module.reader({ tenantId: newId() }).select().from(plantedTrees)).toEqual([]);
    await database.admin`insert into trees.species (id, latin) values (${newId()}, 'Quercus robur')`;
    expect(await module.reader(scope).select().from(species)).toHaveLength(1);
    await database.close();
  });

  test("several processes agree on the login's password, and a changed owner's password is followed", async () => {
    const [one, two] = await Promise.all([openDatabase({ url }), openDatabase({ url })]);
    const ask = (database: Database) => database.forModule("trees").reader(scope).execute(sql`select 1 as n`);
    expect(await Promise.all([ask(one), ask(two)])).toMatchObject([[{ n: 1 }], [{ n: 1 }]]);
    await one.admin`alter role keeper password 'other'`;
    await Promise.all([one.close(), two.close()]);
    const third = await openDatabase({ url: url.replace(/keeper:[^@]+@/, "keeper:other@") });
    expect(await ask(third)).toMatchObject([{ n: 1 }]);
    await third.admin`alter role keeper password 'p@ss/word'`;
    await third.close();
  });

  test("each reason not to get in is one sentence that says what to do", async () => {
    const reasons: [string, RegExp][] = [
      [`postgres://keeper:wrong@127.0.0.1:${port}/garden`, /the password is wrong/],
      [url.replace("/garden", "/nowhere"), /the database does not exist/],
      [`postgres://keeper:x@127.0.0.1:${await freePort()}/garden`, /nothing listens there/],
      ["postgres://postgres@localhost/x?host=/tmp/no-such-folder", /no such socket/],
      ["not a url", /is not one/],
    ];
    for (const [wrong, sentence] of reasons) {
      const error: DatabaseError = await openDatabase({ url: wrong }).then(
        () => expect.unreachable(),
        (reason) => reason,
      );
      expect(error).toMatchObject({ code: "DATABASE_UNAVAILABLE", message: expect.stringMatching(sentence) });
      expect(error.message).not.toContain("p@ss");
    }
  });

  test("a role that may not create roles is told what it lacks", async () => {
    const admin = asAdministrator("garden");
    await admin.unsafe("drop owned by tessera_app; drop role tessera_app");
    await admin.end();
    const guest = `postgres://guest:guest@127.0.0.1:${port}/garden`;
    await expect(openDatabase({ url: guest })).rejects.toThrow(/ALTER ROLE "guest" CREATEROLE/);
    const database = await openDatabase({ url });
    await database.migrate([trees, birds]);
    await database.close();
  });

  test("a restart of the server fails requests with a code; later ones succeed without ours restarting", async () => {
    const database = await openDatabase({ url, poolSize: 4 });
    await database.migrate([trees, birds]);
    const module = database.forModule("trees");
    const outcomes: string[] = [];
    const ofModules = new Set<string>();
    let stop = false;
    const note = (work: Promise<unknown>) =>
      work.then(
        () => outcomes.push("ok"),
        (error: DatabaseError) => outcomes.push(error.code),
      );
    const noteModule = (work: Promise<unknown>) =>
      note(work).then(() => {
        ofModules.add(outcomes.at(-1) ?? "");
      });
    const load = Array.from({ length: 6 }, async (_, index) => {
      while (!stop) {
        if (index % 3 === 0) await noteModule(module.reader(scope).select().from(plantedTrees));
        else if (index % 3 === 1) {
          await noteModule(
            module.transaction(scope, async (db) => {
              await db.execute(sql`select 1`);
              await sleep(5);
              await db.insert(plantedTrees).values({ id: newId(), name: "Elm" });
            }),
          );
        } else {
          await note(
            database.admin.begin(async (tx) => {
              await tx`select 1`;
              await sleep(5);
              await tx`select 2`;
            }),
          );
        }
        await sleep(1);
      }
    });
    for (let round = 0; round < 3; round += 1) {
      await sleep(200);
      await server.restart({ downMs: 100, crash: round === 1 });
    }
    const allWell = (count: number) => () =>
      outcomes.length >= count && outcomes.slice(-count).every((outcome) => outcome === "ok");
    await expect.poll(allWell(60)).toBe(true);
    outcomes.length = 0;
    await expect.poll(() => outcomes.length).toBeGreaterThan(100);
    stop = true;
    await Promise.all(load);
    expect(ofModules).toEqual(new Set(["ok", "DATABASE_UNAVAILABLE"]));
    expect(new Set(outcomes)).toEqual(new Set(["ok"]));
    expect(database.stats()).toMatchObject({ inUse: 0, waiting: 0 });
    await database.close();
  });
});
