/**
 * The four subgraphs in one lean process: `/accounts`, `/products`, `/reviews`, `/inventory`. Started with an IPC channel:
 * sends `{ port }` once it listens, and answers the message "calls" with how many requests it has served.
 */
import { createServer } from "node:http";
import { rememberingExecutorOf } from "./answers.mjs";
import { schemas } from "./schemas.mjs";

const byPath = new Map(Object.keys(schemas).map((name) => [`/${name}`, rememberingExecutorOf(name)]));
let calls = 0;

const server = createServer((request, response) => {
  const parts = [];
  const send = (answer) =>
    response.writeHead(200, { "content-type": "application/json", "content-length": answer.length }).end(answer);
  const fail = (error) => response.writeHead(500).end(String(error));
  request.on("data", (part) => parts.push(part));
  request.once("end", () => {
    calls += 1;
    const answer = byPath.get(request.url)((parts.length === 1 ? parts[0] : Buffer.concat(parts)).toString());
    if (answer instanceof Promise) answer.then(send, fail);
    else send(answer);
  });
});
server.keepAliveTimeout = 600_000;
server.listen(Number(process.argv[2] ?? 0), "127.0.0.1", () => process.send?.({ port: server.address().port }));
process.on("message", () => process.send({ calls }));
process.on("disconnect", () => process.exit());
