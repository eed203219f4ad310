/** Files on their way to a subgraph, read there by another implementation of forms. */
import { expect, test } from "vitest";
import { toLatin1 } from "../../src/request/json-text.js";
import { connect } from "./connect.js";
import { bodyOf, contextOf, serve } from "./servers.js";

test("an upload arrives as the multipart request spec says", async () => {
  let form: FormData | undefined;
  let preflight: unknown;
  const { url } = await serve(async (request, response) => {
    const headers = { "content-type": request.headers["content-type"] ?? "" };
    preflight = request.headers["apollo-require-preflight"];
    form = await new Response(new Uint8Array(await bodyOf(request)), { headers }).formData();
    response.end('{"data":{"ok":true}}');
  });
  const operation = {
    query: "mutation ($input: I) { ok }",
    variables: { input: { name: "Zoë", files: [null, null] } },
  };
  const content = Buffer.from([0, 255, 13, 10, 45, 45]);
  await connect({ url }).post({
    kind: "mutation",
    body: toLatin1(JSON.stringify(operation)),
    context: contextOf(),
    files: [
      { path: ["input", "files", 0], file: { filename: 'a "b".bin', mimetype: "application/octet-stream", content } },
      { path: ["input", "files", 1], file: { filename: "c.txt", mimetype: "text/plain", content: Buffer.from("c") } },
    ],
  });
  expect(JSON.parse(String(form?.get("operations")))).toEqual(operation);
  expect(JSON.parse(String(form?.get("map")))).toEqual({
    0: ["variables.input.files.0"],
    1: ["variables.input.files.1"],
  });
  const [first, second] = [form?.get("0") as File, form?.get("1") as File];
  expect(Buffer.from(await first.arrayBuffer())).toEqual(content);
  expect([second.name, second.type, await second.text()]).toEqual(["c.txt", "text/plain", "c"]);
  expect(preflight).toBe("true");
});
