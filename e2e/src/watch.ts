/** A subscription over WebSocket and everything that came through it. */
import type { Client } from "graphql-ws";
import type { Data } from "./graph.js";

export interface Watch {
  /** Data of the updates that came without errors. */
  readonly seen: readonly Data[];
  /** Codes of all errors that came, in updates or as the end. */
  codes(): string[];
  /** True when the server ended it or the socket closed. */
  ended(): boolean;
  end(): Promise<void>;
}

/** The socket is this subscription's own. */
export function watch(socket: Client, query: string, variables: Record<string, unknown>): Watch {
  const seen: Data[] = [];
  const codes: string[] = [];
  let ended = false;
  const note = (errors: readonly { readonly extensions?: { readonly code?: unknown } | undefined }[]) =>
    void codes.push(...errors.map(({ extensions }) => String(extensions?.code)));
  socket.subscribe<Data>(
    { query, variables },
    {
      next: ({ data, errors }) => (errors ? note(errors) : void seen.push(data)),
      error: (problem) => {
        ended = true;
        note(Array.isArray(problem) ? problem : [{ extensions: { code: "SOCKET_CLOSED" } }]);
      },
      complete: () => {
        ended = true;
      },
    },
  );
  return { seen, codes: () => codes, ended: () => ended, end: async () => void (await socket.dispose()) };
}
