/** An empty database of one's own, for a graph that migrates it itself. */
import { randomUUID } from "node:crypto";
import { openDatabase } from "@tessera/database";
import { startTestServer } from "@tessera/database/testing";

export interface EmptyDatabase {
  readonly url: string;
  drop(): Promise<void>;
}

/** On the test server of the run, or on the one at `serverUrl`. */
export async function createEmptyDatabase(serverUrl?: string): Promise<EmptyDatabase> {
  const server = serverUrl === undefined ? await startTestServer() : { url: serverUrl, stop: async () => {} };
  const { admin, url, close } = await openDatabase({ url: server.url, poolSize: 1 });
  const name = `graph_${randomUUID().replaceAll("-", "")}`;
  await admin.unsafe(`create database ${name}`);
  return {
    url: url.replace(/^(postgres(?:ql)?:\/\/[^/]*\/)[^?]*/, `$1${name}`),
    drop: async () => {
      await admin.unsafe(`drop database if exists ${name} with (force)`);
      await close();
      await server.stop();
    },
  };
}
