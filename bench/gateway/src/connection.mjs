/** One kept-open HTTP/1.1 connection with one request on its way at a time: as lean as Node.js allows. */
import { connect } from "node:net";
import { AnswerReader } from "./answer-reader.mjs";

/** Read at once, before anything else runs, so all connections share it. */
const received = Buffer.allocUnsafe(256 * 1_024);

/** The bytes of a request, made once. */
export function requestBytes(port, path, body) {
  const content = Buffer.from(body);
  const head = [
    `POST ${path} HTTP/1.1`,
    `host: 127.0.0.1:${port}`,
    "content-type: application/json",
    "accept: application/json",
    `content-length: ${content.length}`,
  ];
  return Buffer.concat([Buffer.from(`${head.join("\r\n")}\r\n\r\n`), content]);
}

/** @returns `ask(bytes, keep)`, which resolves nothing: `onAnswer` is called, once for each question. */
export function openConnection(port, { onAnswer, onLost }) {
  const reader = new AnswerReader(onAnswer);
  const callback = (length, buffer) => {
    reader.push(buffer.subarray(0, length));
    return true;
  };
  const socket = connect({ port, host: "127.0.0.1", noDelay: true, onread: { buffer: received, callback } });
  socket.on("error", onLost);
  socket.on("end", () => onLost(new Error("The gateway closed a connection.")));
  return {
    ask(bytes, keep) {
      reader.keepNext = keep;
      socket.write(bytes);
    },
    close() {
      socket.removeAllListeners("end");
      socket.removeAllListeners("error").on("error", () => {});
      socket.destroy();
    },
  };
}
