/** A client of server-sent events that keeps every line of them, as no library would. */
import type { Router } from "../../src/index.js";

export interface ReceivedEvent {
  readonly id: string | undefined;
  readonly event: string;
  readonly data: { readonly data?: Readonly<Record<string, unknown>>; readonly errors?: readonly Received[] } | null;
}

interface Received {
  readonly message: string;
  readonly extensions: Readonly<Record<string, unknown>>;
}

export interface EventClient {
  readonly status: number;
  readonly events: readonly ReceivedEvent[];
  /** Comments, which fill silence. */
  readonly beats: () => number;
  /** Everything that came, as it came. */
  readonly text: () => string;
  /** The server has ended the answer. */
  readonly ended: Promise<void>;
  leave(): void;
}

export interface Asking {
  readonly query: string;
  readonly variables?: Readonly<Record<string, unknown>>;
  readonly token?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export const codesOf = (client: EventClient) =>
  client.events.flatMap(({ data }) => data?.errors?.map(({ extensions }) => extensions.code) ?? []);

export const dataOf = (client: EventClient) => client.events.flatMap(({ data }) => (data?.data ? [data.data] : []));

/** Resolves when the head of the answer is there. */
export async function openEvents(
  router: Router,
  { query, variables, token, headers = {} }: Asking,
  accept = "text/event-stream",
): Promise<EventClient> {
  const leaving = new AbortController();
  const authorization: Record<string, string> = token === undefined ? {} : { authorization: `Bearer ${token}` };
  const response = await fetch(`${router.url}/graphql`, {
    method: "POST",
    headers: { accept, "content-type": "application/json", ...authorization, ...headers },
    body: JSON.stringify({ query, variables }),
    signal: leaving.signal,
  });
  const events: ReceivedEvent[] = [];
  let text = "";
  let read = 0;
  const take = (chunk: string) => {
    text += chunk;
    for (let end = text.indexOf("\n\n", read); end !== -1; end = text.indexOf("\n\n", read)) {
      const block = text.slice(read, end);
      read = end + 2;
      if (!block.startsWith(":")) events.push(eventIn(block));
    }
  };
  const ended = readAll(response, take).catch(() => {});
  return {
    ...{ status: response.status, events, ended },
    text: () => text,
    beats: () => text.split("\n\n").filter((block) => block === ":").length,
    leave: () => leaving.abort(),
  };
}

async function readAll(response: Response, take: (chunk: string) => void): Promise<void> {
  const decoder = new TextDecoder();
  for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
    take(decoder.decode(chunk, { stream: true }));
  }
}

function eventIn(block: string): ReceivedEvent {
  const field = (name: string) => new RegExp(`^${name}: ?(.*)$`, "m").exec(block)?.[1];
  const data = field("data");
  return { id: field("id"), event: field("event") ?? "message", data: data?.startsWith("{") ? JSON.parse(data) : null };
}
