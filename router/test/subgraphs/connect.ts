/** Connections that are closed after the test that opened them. */
import { onTestFinished } from "vitest";
import { connectRemote, type RemoteOptions } from "../../src/subgraphs/connect-remote.js";
import type { RemoteConnection } from "../../src/subgraphs/subgraph-call.js";

export function connect(options: Partial<RemoteOptions>): RemoteConnection {
  const connection = connectRemote({ name: "products", ...options });
  onTestFinished(() => connection.close());
  return connection;
}
