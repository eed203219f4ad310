import { connect, createServer, type Socket } from "node:net";
import { formatUrl, parseUrl } from "../src/connection-url.js";

/** A relay in front of the server that counts round trips: how often the client speaks after the server has spoken. */
export interface Relay {
  readonly url: string;
  roundTrips(): number;
  /** Drops every connection, as a network failure does. */
  drop(): void;
  /** As soon as clients have spoken `times` more, drops every connection and takes none until `comeBack`. */
  leaveAfter(times: number): void;
  comeBack(): Promise<void>;
  close(): Promise<void>;
}

export async function startRelay(url: string): Promise<Relay> {
  const target = parseUrl(url);
  const sockets = new Set<Socket>();
  let count = 0;
  let left = Number.POSITIVE_INFINITY;
  const drop = () => {
    for (const socket of sockets) socket.destroy();
  };
  const leave = () => {
    server.close();
    drop();
  };
  const server = createServer((client) => {
    const upstream = target.host.startsWith("/")
      ? connect(`${target.host}/.s.PGSQL.${target.port}`)
      : connect(target.port, target.host);
    let clientSpeaks = false;
    client.on("data", (bytes) => {
      if (!clientSpeaks) count += 1;
      clientSpeaks = true;
      left -= 1;
      if (left < 0) return leave();
      upstream.write(bytes);
    });
    upstream.on("data", (bytes) => {
      clientSpeaks = false;
      client.write(bytes);
    });
    for (const [socket, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.add(socket);
      socket.on("error", () => other.destroy());
      socket.on("close", () => {
        sockets.delete(socket);
        other.destroy();
      });
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  return {
    url: formatUrl({ ...target, host: "127.0.0.1", port }),
    roundTrips: () => count,
    drop,
    leaveAfter: (times) => {
      left = times;
    },
    comeBack: async () => {
      left = Number.POSITIVE_INFINITY;
      if (!server.listening) await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
    },
    close: async () => {
      drop();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
