/** What a plain connection makes of the bytes of responses, however they are cut. */
import { describe, expect, test } from "vitest";
import { InvalidResponse, ResponseParser } from "../../src/subgraphs/wire/plain/response-parser.js";

interface Read {
  status: number;
  headers: readonly string[];
  body: string;
  isEnded: boolean;
  keepsAlive: boolean;
}

function read(pieces: readonly string[], closes = false): Read {
  const read: Read = { status: 0, headers: [], body: "", isEnded: false, keepsAlive: false };
  const parser: ResponseParser = new ResponseParser({
    onHead: (status, headers) => Object.assign(read, { status, headers }),
    onData: (chunk) => {
      read.body += chunk.toString("latin1");
    },
    onEnd: () => {
      read.isEnded = true;
      read.keepsAlive = parser.keepsAlive;
    },
  });
  for (const piece of pieces) parser.push(Buffer.from(piece, "latin1"));
  if (closes) parser.close();
  return read;
}

const ok = "HTTP/1.1 200 OK\r\n";
const responses: [string, string, Partial<Read>][] = [
  [
    "of a known length",
    `${ok}Content-Type: application/json\r\nContent-Length: 11\r\n\r\n{"data":{}}`,
    { body: '{"data":{}}' },
  ],
  ["of no length", `${ok}content-length: 0\r\n\r\n`, { body: "" }],
  [
    "in chunks",
    `${ok}Transfer-Encoding: chunked\r\n\r\n3\r\n{"d\r\nA;name="a;b"\r\nata":{}}\r\n\r\n0\r\n\r\n`,
    { body: '{"data":{}}\r\n' },
  ],
  [
    "in chunks with trailers",
    `${ok}transfer-encoding: chunked\r\n\r\n1\r\nx\r\n0\r\nA: b\r\nC: d\r\n\r\n`,
    { body: "x" },
  ],
  ["without a body", "HTTP/1.1 204 No Content\r\nA: b\r\n\r\n", { status: 204, body: "" }],
  ["without a reason and headers", "HTTP/1.1 500\r\ncontent-length: 1\r\n\r\n!", { status: 500, body: "!" }],
  [
    "after interim responses",
    `HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Hints\r\nLink: x\r\n\r\n${ok}content-length: 2\r\n\r\nok`,
    { body: "ok" },
  ],
];

describe("a response", () => {
  test.each(responses)("%s is read", (_, text, expected) => {
    expect(read([text])).toMatchObject({ status: 200, isEnded: true, keepsAlive: true, ...expected });
  });

  test.each(responses)("%s is read the same wherever it is cut", (_, text) => {
    const whole = read([text]);
    for (let at = 1; at < text.length; at++)
      expect(read([text.slice(0, at), text.slice(at)]), `at ${at}`).toEqual(whole);
    expect(read([...text])).toEqual(whole);
  });

  test("up to the end of the connection is read, and the connection is not used again", () => {
    const text = `${ok}A: b\r\n\r\nuntil here`;
    expect(read([text])).toMatchObject({ body: "until here", isEnded: false });
    expect(read([text], true)).toMatchObject({ body: "until here", isEnded: true, keepsAlive: false });
  });

  test("is not ended by a connection that closes too early", () => {
    expect(read([`${ok}content-length: 9\r\n\r\nhalf`], true)).toMatchObject({ body: "half", isEnded: false });
    expect(read([`${ok}transfer-encoding: chunked\r\n\r\n4\r\nhalf`], true)).toMatchObject({ isEnded: false });
  });

  test.each([
    ["HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 0\r\n\r\n", false],
    ["HTTP/1.1 200 OK\r\nConnection: Keep-Alive, Close\r\ncontent-length: 0\r\n\r\n", false],
    ["HTTP/1.0 200 OK\r\ncontent-length: 0\r\n\r\n", false],
    ["HTTP/1.0 200 OK\r\nconnection: keep-alive\r\ncontent-length: 0\r\n\r\n", true],
  ])("says whether the connection stays: %j", (text, keepsAlive) => {
    expect(read([text])).toMatchObject({ isEnded: true, keepsAlive });
  });

  test("that is followed by what nobody asked for costs the connection", () => {
    const text = `${ok}content-length: 2\r\n\r\nokHTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nevil`;
    expect(read([text])).toMatchObject({ body: "ok", isEnded: true, keepsAlive: false });
  });
});

describe("refused is", () => {
  test.each([
    ["what is not HTTP", "<html>no</html>\r\n\r\n"],
    ["another version", "HTTP/2 200 OK\r\n\r\n"],
    ["a change of protocol", "HTTP/1.1 101 Switching\r\nupgrade: x\r\n\r\n"],
    ["two lengths", `${ok}content-length: 1\r\ncontent-length: 2\r\n\r\n`],
    ["a length beside chunks", `${ok}transfer-encoding: chunked\r\ncontent-length: 2\r\n\r\n`],
    ["a length that is no number", `${ok}content-length: 1, 1\r\n\r\n`],
    ["a negative length", `${ok}content-length: -1\r\n\r\n`],
    ["a coding nobody asked for", `${ok}transfer-encoding: gzip, chunked\r\n\r\n`],
    ["a header with white space before its colon", `${ok}content-length : 2\r\n\r\n`],
    ["a header that is folded", `${ok}a: b\r\n c\r\n\r\n`],
    ["a line that ends in half", `${ok}a: b\nc: d\r\n\r\n`],
    ["a chunk without a size", `${ok}transfer-encoding: chunked\r\n\r\nx\r\n`],
    ["a chunk that is longer than it says", `${ok}transfer-encoding: chunked\r\n\r\n1\r\nxy\r\n`],
    ["a head without an end", `${ok}${"a: b\r\n".repeat(20_000)}`],
    ["a chunk extension without an end", `${ok}transfer-encoding: chunked\r\n\r\n1;${"x".repeat(2_000)}`],
  ])("%s", (_, text) => {
    expect(() => read([text])).toThrow(InvalidResponse);
    expect(() => read([...text])).toThrow(InvalidResponse);
  });
});
