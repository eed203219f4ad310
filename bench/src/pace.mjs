/** An open loop: requests leave at their times whether or not earlier ones have been answered. */
import { Agent, request } from "node:http";

/** @returns `{ times, failed }`: milliseconds from the moment each request was due, so that queueing counts; an answer
 * with `errors` has failed. */
export async function pace({ url, headers, body, rate, seconds }) {
  const agent = new Agent({ keepAlive: true, maxSockets: 256 });
  const times = [];
  let failed = 0;
  const pending = new Set();
  const began = performance.now();
  for (let sent = 0; sent < rate * seconds; sent += 1) {
    const due = began + (sent * 1_000) / rate;
    const early = due - performance.now();
    if (early > 1) await new Promise((resolve) => setTimeout(resolve, early));
    const answered = send(agent, url, headers, body).then((good) => {
      times.push(performance.now() - due);
      if (!good) failed += 1;
    });
    pending.add(answered);
    void answered.finally(() => pending.delete(answered));
  }
  await Promise.all(pending);
  agent.destroy();
  return { times, failed, seconds: (performance.now() - began) / 1_000 };
}

function send(agent, url, headers, body) {
  return new Promise((resolve) => {
    const outgoing = request(url, { agent, method: "POST", headers }, (response) => {
      const parts = [];
      response.on("data", (part) => parts.push(part));
      response.once("end", () => resolve(response.statusCode === 200 && !Buffer.concat(parts).includes('"errors"')));
    });
    outgoing.once("error", () => resolve(false));
    outgoing.end(body);
  });
}
