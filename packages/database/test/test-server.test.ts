import postgres from "postgres";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { clientOptions, parseUrl } from "../src/connection-url.js";
import { type OwnTestServer, startTestServer } from "../src/testing/index.js";

describe("a test server of one's own", () => {
  let server: OwnTestServer;
  beforeEach(async () => {
    server = await startTestServer({ own: true });
  });
  afterEach(() => server.stop());

  test.each([false, true])("keeps url and data over a restart (by a crash: %s)", async (crash) => {
    const { url } = server;
    expect(url).not.toBe(process.env.TESSERA_TEST_DATABASE_URL);
    const sql = postgres({ ...clientOptions(parseUrl(url), 1) });
    await sql`create table note (text text)`;
    await sql`insert into note values ('kept')`;
    await server.restart({ crash });
    expect(server.url).toBe(url);
    expect(await sql`select text from note`.catch(() => sql`select text from note`)).toEqual([{ text: "kept" }]);
    await sql.end();
  });
});
