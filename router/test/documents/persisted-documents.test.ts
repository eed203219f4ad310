/** Requests that name their operation instead of sending its text. */
import { createHash } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startTestRedis, type TestRedis } from "@tessera/database/testing";
import type { Actor } from "@tessera/shared-types";
import { createTelemetry } from "@tessera/telemetry";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { createMemoryTexts } from "../../src/documents/automatic-store.js";
import {
  createPersistedDocuments,
  type DocumentRequest,
  type PersistedDocumentOptions,
  type PersistedDocuments,
} from "../../src/documents/persisted-documents.js";

const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");
const named = (sha256Hash: string, query?: string): DocumentRequest => ({
  ...(query === undefined ? {} : { query }),
  extensions: { persistedQuery: { version: 1, sha256Hash } },
});
const books = "query Books {\n  books { title }\n}";
const shelf = "query Shelf { shelf }";
const other = "query Other { other }";

const logged: string[] = [];
const { log } = createTelemetry({ service: "test", destination: { write: (line) => void logged.push(line) } });
const open: PersistedDocuments[] = [];
let folder: string;
let manifest: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "documents-"));
  manifest = join(folder, "manifest.json");
});
beforeEach(async () => {
  logged.length = 0;
  await publish(operation(sha256(books), books), operation("shelf-1", shelf));
});
afterEach(async () => {
  await Promise.all(open.splice(0).map((documents) => documents.close()));
});
afterAll(() => rm(folder, { recursive: true }));

const operation = (id: string, body: string) => ({ id, name: "Some", type: "query", body });
const publish = (...operations: object[]) =>
  writeFile(manifest, JSON.stringify({ format: "apollo-persisted-query-manifest", version: 1, operations }));

async function documents(options: PersistedDocumentOptions = {}): Promise<PersistedDocuments> {
  const made = await createPersistedDocuments(options, { log });
  open.push(made);
  return made;
}

const actor = (...roles: string[]): Actor => ({
  kind: "user",
  id: "u",
  tenantId: "t",
  scopes: new Set(),
  roles,
  attributes: {},
});

/** The text, or the code of the refusal. */
async function outcome(made: PersistedDocuments, request: DocumentRequest, who: Actor | null = null): Promise<string> {
  try {
    return await made.resolve(request, who);
  } catch (error) {
    return (error as { code: string }).code;
  }
}

describe("automatic persisted queries", () => {
  test("are registered with text and hash, and then run by the hash alone", async () => {
    const made = await documents();
    expect(await outcome(made, named(sha256(books)))).toBe("PERSISTED_QUERY_NOT_FOUND");
    expect(await outcome(made, named(sha256(books), books))).toBe(books);
    expect(made.resolve(named(sha256(books)), null)).toBe(books);
    expect(made.resolve({ documentId: `sha256:${sha256(books)}` }, null)).toBe(books);
  });

  test("are refused when the hash is not that of the text, and nothing is registered", async () => {
    const made = await documents();
    expect(await outcome(made, named(sha256(books), other))).toBe("PERSISTED_QUERY_HASH_MISMATCH");
    expect(await outcome(made, named(sha256(books)))).toBe("PERSISTED_QUERY_NOT_FOUND");
  });

  test("say what Apollo's clients listen to", async () => {
    const made = await documents();
    await expect(async () => made.resolve(named(sha256(books)), null)).rejects.toMatchObject({
      message: "PersistedQueryNotFound",
      status: 200,
      extensions: { code: "PERSISTED_QUERY_NOT_FOUND" },
    });
    const without = await documents({ automatic: false });
    await expect(async () => without.resolve(named(sha256(books)), null)).rejects.toMatchObject({
      message: "PersistedQueryNotSupported",
      extensions: { code: "PERSISTED_QUERY_NOT_SUPPORTED" },
    });
    const second = { extensions: { persistedQuery: { version: 2, sha256Hash: sha256(books) } } };
    expect(await outcome(made, second)).toBe("PERSISTED_QUERY_NOT_SUPPORTED");
  });

  test("are kept within bounds, the least recently used forgotten first", () => {
    const texts = createMemoryTexts(30);
    texts.put("a", "1234567890");
    texts.put("b", "1234567890");
    expect(texts.get("a")).toBeDefined();
    texts.put("c", "12345678901");
    expect([texts.get("a"), texts.get("b"), texts.get("c")].map((text) => text !== undefined)).toEqual([
      true,
      false,
      true,
    ]);
    texts.put("d", "x".repeat(200_001));
    expect(texts.get("d")).toBeUndefined();
  });
});

describe("automatic persisted queries in Redis", () => {
  let redis: TestRedis;
  beforeAll(async () => {
    redis = await startTestRedis({ own: true });
  });
  afterAll(() => redis.close());

  test("registered at one router are known to another, from then on without asking", async () => {
    const [one, two] = [await documents({ redisUrl: redis.url }), await documents({ redisUrl: redis.url })];
    // They connect in the background, and share nothing until then.
    const both = async () => [
      await outcome(one, named(sha256(books), books)),
      await outcome(two, named(sha256(books))),
    ];
    await expect.poll(both).toEqual([books, books]);
    expect(two.resolve(named(sha256(books)), null)).toBe(books);
    expect(await outcome(two, named(sha256(other)))).toBe("PERSISTED_QUERY_NOT_FOUND");
  });

  test("are asked for by their text while Redis is away", async () => {
    const made = await documents({ redisUrl: "redis://127.0.0.1:1" });
    expect(await outcome(made, named(sha256(books)))).toBe("PERSISTED_QUERY_NOT_FOUND");
    expect(await outcome(made, named(sha256(books), books))).toBe(books);
    expect(await outcome(made, named(sha256(books)))).toBe(books);
  });
});

describe("published operations", () => {
  test.each([
    ["the hash Apollo's clients send", named(sha256(books)), books],
    ["an id of one's own in its place", named("shelf-1"), shelf],
    ["a document id with its method", { documentId: `sha256:${sha256(books)}` }, books],
    ["a document id of one's own", { documentId: "shelf-1" }, shelf],
    ["an id and the very same text", named("shelf-1", shelf), shelf],
  ])("are found by %s", async (_, request, text) => {
    const made = await documents({ manifest, mode: "require", automatic: false });
    expect(made.resolve(request, null)).toBe(text);
  });

  test.each([
    ["an unknown id", { documentId: "shelf-2" }, "PERSISTED_DOCUMENT_NOT_FOUND"],
    ["an unknown hash", named(sha256(other)), "PERSISTED_DOCUMENT_NOT_FOUND"],
    ["another text beside the id", named("shelf-1", other), "PERSISTED_QUERY_HASH_MISMATCH"],
    ["an id that is no text", { documentId: 7 }, "PERSISTED_DOCUMENT_INVALID"],
    ["an id with characters of nobody's", { documentId: "a b" }, "PERSISTED_DOCUMENT_INVALID"],
    ["neither id nor text", {}, "QUERY_MISSING"],
  ])("are not found by %s", async (_, request, code) => {
    expect(await outcome(await documents({ manifest, mode: "require", automatic: false }), request)).toBe(code);
  });

  test("may come from several files, but one id has one text", async () => {
    const second = join(folder, "second.json");
    const content = (body: string) => ({
      format: "apollo-persisted-query-manifest",
      version: 1,
      operations: [operation("shelf-1", body)],
    });
    await writeFile(second, JSON.stringify(content(shelf)));
    expect([...(await documents({ manifest: [manifest, second] })).published()]).toEqual([books, shelf]);
    await writeFile(second, JSON.stringify(content(other)));
    await expect(documents({ manifest: [manifest, second] })).rejects.toThrow("shelf-1");
  });

  test.each([
    ["{", "not JSON"],
    ['{"format":"else","version":1,"operations":[]}', "no persisted query manifest"],
    ['{"format":"apollo-persisted-query-manifest","version":2,"operations":[]}', "version 1"],
    ['{"format":"apollo-persisted-query-manifest","version":1}', "no list of operations"],
    ['{"format":"apollo-persisted-query-manifest","version":1,"operations":[{"id":"x"}]}', "Operation 0"],
    [
      '{"format":"apollo-persisted-query-manifest","version":1,"operations":[{"id":"x","body":"\\"open"}]}',
      "Operation 0",
    ],
  ])("are not read from %s", async (content, reason) => {
    const file = join(folder, "broken.json");
    await writeFile(file, content);
    await expect(documents({ manifest: file })).rejects.toThrow(reason);
  });
});

describe("a text", () => {
  const laidOutElsewise = "query Books{books{title}} # the same";

  test.each([
    ["off", other, other],
    ["log", other, other],
    ["log", books, books],
    ["prefer", books, books],
    ["prefer", laidOutElsewise, laidOutElsewise],
    ["prefer", other, "PERSISTED_DOCUMENT_REQUIRED"],
    ["prefer", `${books} ${" ".repeat(10_000)}`, "PERSISTED_DOCUMENT_REQUIRED"],
    ["prefer", '"open', "PERSISTED_DOCUMENT_REQUIRED"],
    ["require", books, "PERSISTED_DOCUMENT_REQUIRED"],
    ["require", other, "PERSISTED_DOCUMENT_REQUIRED"],
  ] as const)("in mode %s: %s", async (mode, query, expected) => {
    expect(await outcome(await documents({ manifest, mode }), { query })).toBe(expected);
  });

  test("that was not published is logged once in mode log, and a published one never", async () => {
    const made = await documents({ manifest, mode: "log" });
    for (let n = 0; n < 3; n++) await outcome(made, { query: other });
    await outcome(made, { query: books });
    const lines = logged.filter((line) => line.includes("was not published"));
    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain(sha256(other));
  });

  test("may be any for actors of the roles that are named, and for no others", async () => {
    const made = await documents({ manifest, mode: "require", allowFreeForRoles: ["developer"] });
    expect(await outcome(made, { query: other }, actor("developer"))).toBe(other);
    expect(await outcome(made, { query: other }, actor("viewer"))).toBe("PERSISTED_DOCUMENT_REQUIRED");
    expect(await outcome(made, { query: other }, null)).toBe("PERSISTED_DOCUMENT_REQUIRED");
  });

  test("that somebody may send freely is not registered for the others", async () => {
    const made = await documents({ manifest, mode: "prefer", allowFreeForRoles: ["developer"] });
    expect(await outcome(made, named(sha256(other), other), actor("developer"))).toBe(other);
    expect(await outcome(made, named(sha256(other)), actor("viewer"))).toBe("PERSISTED_QUERY_NOT_FOUND");
    expect(await outcome(made, named(sha256(other), other), actor("viewer"))).toBe("PERSISTED_DOCUMENT_REQUIRED");
  });

  test("needs a manifest in every mode but off", async () => {
    await expect(documents({ mode: "log" })).rejects.toThrow("needs a manifest");
    expect(await outcome(await documents({ mode: "off" }), { query: other })).toBe(other);
  });
});

describe("a manifest that changes", () => {
  test("is read again, and what it does not have any more is refused", async () => {
    const made = await documents({ manifest, mode: "prefer", manifestPollMs: 20, automatic: false });
    expect(await outcome(made, { query: other })).toBe("PERSISTED_DOCUMENT_REQUIRED");
    await publish(operation("other-1", other));
    await expect.poll(() => outcome(made, { documentId: "other-1" })).toBe(other);
    expect(await outcome(made, { query: other })).toBe(other);
    expect(await outcome(made, { documentId: "shelf-1" })).toBe("PERSISTED_DOCUMENT_NOT_FOUND");
  });

  test("for the worse leaves the last good one in place until it is good again", async () => {
    const made = await documents({ manifest, mode: "require", manifestPollMs: 0, automatic: false });
    await writeFile(manifest, "{");
    await made.refresh();
    expect(await outcome(made, { documentId: "shelf-1" })).toBe(shelf);
    expect(logged.join()).toContain("those known before stay");
    await publish(operation("other-1", other));
    await made.refresh();
    expect(await outcome(made, { documentId: "other-1" })).toBe(other);
  });
});
