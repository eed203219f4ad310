/** Ports: is one free, and which one is. */
import { type AddressInfo, createServer } from "node:net";
import { LaunchProblem } from "./problem.js";

function listen(port: number, host?: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(port, host, () => {
      const bound = (server.address() as AddressInfo).port;
      server.close(() => resolve(bound));
    });
  });
}

/** A port nobody on this machine uses at the moment. */
export function freePort(): Promise<number> {
  return listen(0, "127.0.0.1");
}

/** @throws LaunchProblem when somebody else listens there, or this user may not. */
export async function assertPortFree(port: number, host?: string): Promise<void> {
  try {
    await listen(port, host);
  } catch (error) {
    throw portProblem(error, port, host);
  }
}

/** The sentence for a failed `listen`; any other error comes back as it is. */
export function portProblem(error: unknown, port: number, host?: string): unknown {
  const code = (error as NodeJS.ErrnoException).code;
  if (code === "EADDRINUSE") {
    return new LaunchProblem(
      `Port ${port} is taken by another program: stop it, or choose another port, such as PORT=${port + 1} npm start.`,
    );
  }
  if (code === "EACCES")
    return new LaunchProblem(`This user may not listen on port ${port}: choose one from 1024 on with PORT.`);
  if (code === "EADDRNOTAVAIL")
    return new LaunchProblem(`HOST is "${host}", which is no address of this machine: leave it out or correct it.`);
  return error;
}
