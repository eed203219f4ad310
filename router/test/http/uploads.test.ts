import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Door, openDoor } from "./door.js";

let door: Door;
beforeAll(async () => {
  door = await openDoor({ uploads: { maxFileBytes: 1_000, maxFiles: 3, maxTotalBytes: 2_000 }, bodyBytes: 3_000 });
});
afterAll(() => door.close());

const one = "mutation ($file: Upload) { upload(file: $file) }";
const several = "mutation ($files: [Upload]) { upload(files: $files) }";
const file = (content: string, name = "a.txt") => new File([content], name, { type: "text/plain" });

type Part = [name: string, value: string | File];

function form(operations: unknown, map: unknown, ...files: Part[]): Part[] {
  return [["operations", JSON.stringify(operations)], ["map", JSON.stringify(map)], ...files];
}

async function upload(parts: readonly Part[], headers: Record<string, string> = {}, { url } = door) {
  const body = new FormData();
  for (const [name, value] of parts) body.append(name, value);
  const response = await fetch(url, { method: "POST", headers: { "apollo-require-preflight": "1", ...headers }, body });
  const answer = (await response.json()) as {
    data?: unknown;
    errors?: [{ message: string; extensions: { code: string } }];
  };
  const error = answer.errors?.[0];
  return { status: response.status, answer, code: error?.extensions.code, message: error?.message };
}

describe("an upload", () => {
  test("hands its files over, and the variables hold null", async () => {
    const operations = { query: one, variables: { file: null } };
    const { answer } = await upload(form(operations, { 0: ["variables.file"] }, ["0", file("Grüße", "grüße.txt")]));
    expect(answer).toEqual({ data: { upload: ["file=grüße.txt:text/plain:Grüße"] } });
    const { request } = door.seen.at(-1) ?? {};
    expect([request?.variables, request?.files?.[0]?.path]).toEqual([{ file: null }, ["file"]]);
    expect(request?.files?.[0]?.file.content).toEqual(Buffer.from("Grüße"));
  });

  test("may put files into lists, and one file in several places", async () => {
    const operations = { query: several, variables: { files: [null, null] } };
    const two: Part[] = [
      ["a", file("1", "one")],
      ["b", file("2", "two")],
    ];
    const map = { a: ["variables.files.0"], b: ["variables.files.1"] };
    expect((await upload(form(operations, map, ...two))).answer).toEqual({
      data: { upload: ["files.0=one:text/plain:1", "files.1=two:text/plain:2"] },
    });
    const both = { a: ["variables.files.0", "variables.files.1"] };
    expect((await upload(form(operations, both, ["a", file("1", "one")]))).answer).toEqual({
      data: { upload: ["files.0=one:text/plain:1", "files.1=one:text/plain:1"] },
    });
  });

  test("may belong to one operation of a batch", async () => {
    const operations = [{ query: "{ hello }" }, { query: one, variables: { file: null } }];
    const { answer } = await upload(form(operations, { 0: ["1.variables.file"] }, ["0", file("x")]));
    expect(answer).toEqual([{ data: { hello: "Hello Wörld" } }, { data: { upload: ["file=a.txt:text/plain:x"] } }]);
  });

  test("is refused when a page of another site could have sent it", async () => {
    const parts = form({ query: one, variables: { file: null } }, { 0: ["variables.file"] }, ["0", file("x")]);
    expect(await upload(parts, { "apollo-require-preflight": "" })).toMatchObject({
      status: 400,
      code: "CSRF_PREVENTED",
    });
    expect((await upload(parts)).status).toBe(200);
  });

  test("is refused where uploads are off", async () => {
    const closed = await openDoor({ uploads: false });
    const parts = form({ query: "{ hello }" }, {});
    expect(await upload(parts, {}, closed)).toMatchObject({ status: 415, code: "UPLOADS_NOT_ACCEPTED" });
    expect((await upload(parts)).status).toBe(200);
    await closed.close();
  });
});

describe("limits", () => {
  const operations = { query: several, variables: { files: [null, null, null, null] } };
  const map = (count: number) =>
    Object.fromEntries(Array.from({ length: count }, (_, at) => [`f${at}`, [`variables.files.${at}`]]));
  const files = (sizes: readonly number[]): Part[] => sizes.map((size, at) => [`f${at}`, file("x".repeat(size))]);
  const send = (...sizes: number[]) => upload(form(operations, map(sizes.length), ...files(sizes)));

  test("hold for one file, for all of them, and for their number", async () => {
    expect((await send(1_000)).status).toBe(200);
    expect(await send(1_001)).toMatchObject({
      status: 413,
      code: "UPLOAD_TOO_LARGE",
      message: expect.stringMatching("a.txt"),
    });
    expect((await send(900, 900, 200)).status).toBe(200);
    expect(await send(900, 900, 201)).toMatchObject({ status: 413, code: "UPLOAD_TOO_LARGE" });
    expect((await send(1, 1, 1)).status).toBe(200);
    expect(await send(1, 1, 1, 1)).toMatchObject({ status: 413, code: "TOO_MANY_FILES" });
  });

  test("hold for files the map does not name and for the operations", async () => {
    const extra = form(operations, map(3), ...files([1, 1, 1, 1]));
    expect((await upload(extra)).status).toBeGreaterThanOrEqual(400);
    const long = { query: `{ hello ${" ".repeat(3_000)}}` };
    expect(await upload(form(long, {}))).toMatchObject({ status: 413, code: "PAYLOAD_TOO_LARGE" });
  });

  test("leave the server well after a refusal midway", async () => {
    await Promise.all(Array.from({ length: 5 }, () => send(900_000)));
    expect((await send(10)).status).toBe(200);
  });
});

describe("a form that is no GraphQL request is refused: ", () => {
  const operations = { query: one, variables: { file: null } };
  const valid = form(operations, { 0: ["variables.file"] }, ["0", file("x")]);
  const with_ = (map: unknown, given: unknown = operations) => form(given, map, ["0", file("x")]);

  test.each<[string, Part[]]>([
    ["no operations", valid.slice(1)],
    ["no map", [valid[0] as Part]],
    ["files before the map", [valid[0] as Part, valid[2] as Part, valid[1] as Part]],
    ["operations that are no JSON", [["operations", "{"], ...valid.slice(1)]],
    ["a map that is no object", with_([])],
    ["a map without places", with_({ 0: [] })],
    ["a place that is no text", with_({ 0: [1] })],
    ["a place outside the variables", with_({ 0: ["query"] })],
    ["a place that is not there", with_({ 0: ["variables.other"] })],
    ["a place on the prototype", with_({ 0: ["variables.__proto__.file"] })],
    ["a place that is taken", with_({ 0: ["variables.file"] }, { query: one, variables: { file: "x" } })],
    ["an operation that is not in the batch", with_({ 0: ["7.variables.file"] }, [operations])],
    ["a file that is missing", form(operations, { 0: ["variables.file"] })],
    ["a file that is not in the map", form({ query: "{ hello }" }, {}, ["0", file("x")])],
    ["another field", [...valid, ["more", "x"]]],
  ])("%s", async (_, parts) => {
    expect(await upload(parts)).toMatchObject({ status: 400, code: "INVALID_MULTIPART" });
  });

  test("and one with all of it is not", async () => {
    expect((await upload(valid)).status).toBe(200);
  });

  test.each(["multipart/form-data", "multipart/form-data; boundary=x"])("a body that is not %s", async (type) => {
    const headers = { "content-type": type, "apollo-require-preflight": "1" };
    const response = await fetch(door.url, { method: "POST", headers, body: "--x\r\nnothing" });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ errors: [{ extensions: { code: "INVALID_MULTIPART" } }] });
  });
});
