/** One worker process with a share of the clients, told over IPC what to do. */
import { RawClient } from "./raw-client.mjs";

/** Connections that are being made at the same time: more would only wait in the listen queue. */
const mostConnecting = 200;

/** Of one clock for all processes of the machine. */
const now = () => Number(process.hrtime.bigint()) / 1e6;

const clients = new Set();
const ended = [];
const others = [];
let faults = 0;
/** By number of the event: how many clients have it, and when the first and the last got it. */
const seen = new Map();

function noteEvent(client, number) {
  const at = now();
  if (number !== client.last + 1 && client.last !== -1) faults += 1;
  client.last = number;
  if (client.isSlow) return;
  const entry = seen.get(number) ?? { count: 0, first: at, times: [] };
  if (!seen.has(number)) seen.set(number, entry);
  entry.count += 1;
  entry.last = at;
  entry.times.push(at);
}

function open({ port, query }) {
  return new Promise((resolve) => {
    const client = { last: -1, isSlow: false };
    client.raw = new RawClient({
      ...{ port, query },
      on: {
        ready: () => resolve(client),
        event: (number) => noteEvent(client, number),
        other: (message) => others.push(message),
        ended: (code, reason) => {
          clients.delete(client);
          ended.push({ code, reason, isSlow: client.isSlow });
          resolve(client);
        },
      },
    });
    clients.add(client);
  });
}

const commands = {
  async open({ count, ...where }) {
    let left = count;
    const connectSome = async () => {
      while (left-- > 0) await open(where);
    };
    await Promise.all(Array.from({ length: mostConnecting }, connectSome));
    return { open: clients.size };
  },
  /** What the clients have of one event, once `wanted` of them have it or patience is at an end. */
  async event({ number, wanted, patienceMs }) {
    const deadline = now() + patienceMs;
    while ((seen.get(number)?.count ?? 0) < wanted && now() < deadline)
      await new Promise((done) => setTimeout(done, 5));
    const found = seen.get(number) ?? { count: 0, times: [] };
    seen.delete(number);
    return found;
  },
  /** The clients opened last stop reading, or read again. */
  pause({ count }) {
    for (const client of [...clients].slice(-count)) {
      client.isSlow = true;
      client.raw.socket.pause();
    }
  },
  resume({ count }) {
    for (const client of [...clients].filter(({ isSlow }) => isSlow).slice(0, count)) client.raw.socket.resume();
  },
  state: () => ({ open: clients.size, faults, ended: ended.splice(0), others: others.splice(0, 5) }),
};

process.on("message", async ({ id, command, ...given }) => {
  process.send({ id, ...(await commands[command](given)) });
});
process.send({ ready: true });
