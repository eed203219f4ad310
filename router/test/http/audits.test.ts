import { serverAudits } from "graphql-http";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Door, openDoor } from "./door.js";

let open: Door;
let guarded: Door;
beforeAll(async () => {
  open = await openDoor({ csrf: false });
  guarded = await openDoor();
});
afterAll(() => Promise.all([open.close(), guarded.close()]));

describe("the audits of GraphQL over HTTP", () => {
  for (const { id, name, fn } of serverAudits({ url: () => open.url, fetchFn: fetch })) {
    test(`${id} ${name}`, async () => {
      expect(await fn()).toMatchObject({ status: "ok" });
    });
  }
});

/** A GET without any header of its own is what CSRF prevention refuses. */
const getsWithoutHeaders = new Set(["5A70", "D6D5", "6A70"]);

describe("with CSRF prevention", () => {
  for (const { id, name, fn } of serverAudits({ url: () => guarded.url, fetchFn: fetch })) {
    const expected = getsWithoutHeaders.has(id) ? "notice" : "ok";
    test(`${id} ${name}: ${expected}`, async () => {
      expect(await fn()).toMatchObject({ status: expected });
    });
  }
});
