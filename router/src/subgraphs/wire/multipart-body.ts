/** Operations with files: https://github.com/jaydenseric/graphql-multipart-request-spec */
import { randomBytes } from "node:crypto";
import type { SubgraphCall } from "../subgraph-call.js";

export interface MultipartBody {
  readonly contentType: string;
  readonly body: Buffer;
}

type Files = NonNullable<SubgraphCall["files"]>;

/** `operations` is the JSON of the operation with `null` in place of each file, one character per byte. */
export function multipartBody(operations: string, files: Files): MultipartBody {
  const boundary = `tessera-${randomBytes(16).toString("hex")}`;
  const map = Object.fromEntries(files.map(({ path }, at) => [at, [["variables", ...path].join(".")]]));
  const part = (disposition: string, type = "") =>
    Buffer.from(`--${boundary}\r\ncontent-disposition: form-data; ${disposition}\r\n${type}\r\n`);
  const end = Buffer.from("\r\n");
  const pieces: Buffer[] = [
    part('name="operations"'),
    Buffer.from(operations, "latin1"),
    end,
    part('name="map"'),
    Buffer.from(JSON.stringify(map)),
    end,
  ];
  files.forEach(({ file }, at) => {
    const type = `content-type: ${oneLine(file.mimetype) || "application/octet-stream"}\r\n`;
    pieces.push(part(`name="${at}"; filename="${quoted(file.filename)}"`, type), file.content, end);
  });
  pieces.push(Buffer.from(`--${boundary}--\r\n`));
  return { contentType: `multipart/form-data; boundary=${boundary}`, body: Buffer.concat(pieces) };
}

/** Escapes as browsers do: https://html.spec.whatwg.org/multipage/form-control-infrastructure.html#multipart-form-data */
function quoted(name: string): string {
  return name.replace(/"/g, "%22").replace(/\r/g, "%0D").replace(/\n/g, "%0A");
}

function oneLine(type: string): string {
  return type.replace(/[\r\n]/g, "");
}
