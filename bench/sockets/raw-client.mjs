/**
 * A WebSocket client of graphql-transport-ws on a bare TCP socket: it looks at bytes, makes no objects and parses no JSON,
 * so that ten thousand of them cost little of the machine the router runs on.
 */
import { randomBytes } from "node:crypto";
import { connect } from "node:net";

const text = 1;
const close = 8;
const ping = 9;
const pong = 10;
const none = Buffer.alloc(0);

/** A frame as clients have to send it: masked, here with a mask of zeros. */
function frame(opcode, payload) {
  const long = payload.length > 125;
  const head = Buffer.alloc((long ? 4 : 2) + 4);
  head[0] = 0x80 | opcode;
  head[1] = 0x80 | (long ? 126 : payload.length);
  if (long) head.writeUInt16BE(payload.length, 2);
  return Buffer.concat([head, payload]);
}

const textFrame = (message) => frame(text, Buffer.from(JSON.stringify(message)));
const isNext = Buffer.from('"type":"next"');
const numberIs = Buffer.from('"number":');

/** Connects, says who it is (nobody) and subscribes to `query`. `on.event(number)`, `on.ended(code, reason)`. */
export class RawClient {
  #waiting = none;
  #begun = none;
  #hasUpgraded = false;
  #code = 1006;
  #reason = "";

  constructor({ port, query, on }) {
    this.on = on;
    this.query = query;
    this.socket = connect({ port, host: "127.0.0.1", noDelay: true });
    this.socket.on("connect", () => this.#upgrade(port));
    this.socket.on("data", (chunk) => this.#read(chunk));
    this.socket.on("error", () => {});
    this.socket.once("close", () => on.ended(this.#code, this.#reason));
  }

  #upgrade(port) {
    const key = randomBytes(16).toString("base64");
    this.socket.write(
      `GET /graphql HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\nupgrade: websocket\r\nconnection: Upgrade\r\n` +
        `sec-websocket-key: ${key}\r\nsec-websocket-version: 13\r\nsec-websocket-protocol: graphql-transport-ws\r\n\r\n`,
    );
    this.socket.write(textFrame({ type: "connection_init" }));
  }

  #read(chunk) {
    this.#waiting = this.#waiting.length > 0 ? Buffer.concat([this.#waiting, chunk]) : chunk;
    if (!this.#hasUpgraded && !this.#readHead()) return;
    for (let length = this.#frame(); length > 0; length = this.#frame()) {
      this.#waiting = this.#waiting.length > length ? this.#waiting.subarray(length) : none;
    }
  }

  #readHead() {
    const end = this.#waiting.indexOf("\r\n\r\n");
    if (end < 0) return false;
    if (!this.#waiting.subarray(0, 12).equals(Buffer.from("HTTP/1.1 101"))) this.socket.destroy();
    this.#hasUpgraded = true;
    this.#waiting = this.#waiting.subarray(end + 4);
    return true;
  }

  /** Handles one frame. @returns its bytes, 0 when it is not there yet */
  #frame() {
    const bytes = this.#waiting;
    if (bytes.length < 2) return 0;
    const short = bytes[1] & 0x7f;
    const head = short === 127 ? 10 : short === 126 ? 4 : 2;
    if (bytes.length < head) return 0;
    const size = short === 127 ? Number(bytes.readBigUInt64BE(2)) : short === 126 ? bytes.readUInt16BE(2) : short;
    if (bytes.length < head + size) return 0;
    const isLast = (bytes[0] & 0x80) !== 0;
    this.#handle(bytes[0] & 0x0f, bytes.subarray(head, head + size), isLast);
    return head + size;
  }

  /** Messages may come in several frames. */
  #handle(opcode, part, isLast) {
    const payload = opcode === 0 ? Buffer.concat([this.#begun, part]) : part;
    if (!isLast) this.#begun = payload;
    else this.#message(opcode, payload);
  }

  #message(opcode, payload) {
    if (opcode === ping) this.socket.write(frame(pong, payload));
    else if (opcode === close) this.#closed(payload);
    else if (payload.subarray(0, 64).includes(isNext)) this.on.event(this.#number(payload));
    else if (payload.includes("connection_ack")) this.#subscribe();
    else this.on.other(payload.toString());
  }

  #number(payload) {
    const at = payload.indexOf(numberIs) + numberIs.length;
    return Number.parseInt(payload.subarray(at, at + 12).toString("latin1"), 10);
  }

  #subscribe() {
    this.socket.write(textFrame({ id: "1", type: "subscribe", payload: { query: this.query } }));
    this.on.ready();
  }

  #closed(payload) {
    this.#code = payload.length >= 2 ? payload.readUInt16BE(0) : 1005;
    this.#reason = payload.subarray(2).toString();
    this.socket.end(frame(close, payload.subarray(0, 2)));
  }
}
