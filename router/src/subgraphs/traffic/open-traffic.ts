/** The layers between a call and the connections of its subgraph, put together once. */
import { RouterError } from "../../errors/router-error.js";
import type { RemoteOptions } from "../connect-remote.js";
import { looksLikeObject } from "../wire/graphql-answer.js";
import { openInstancePool } from "../wire/instance-pool.js";
import type { Send } from "../wire/outgoing.js";
import { defaultMaxAnswerBytes } from "./subgraph-traffic.js";

export interface Traffic {
  readonly send: Send;
  close(): Promise<void>;
}

export function openTraffic({ name, url, traffic = {} }: RemoteOptions): Traffic {
  const limits = {
    subgraph: name,
    maxAnswerBytes: traffic.maxAnswerBytes ?? defaultMaxAnswerBytes,
    timeoutMs: traffic.timeoutMs ?? null,
  };
  const instance = openInstancePool(new URL(url), traffic, limits);
  return { send: onlyGraphQL(instance.send, name), close: instance.close };
}

/** Gateways and crashed servers answer with pages. Nothing of them is for anybody but the log. */
function onlyGraphQL(send: Send, subgraph: string): Send {
  return async (outgoing) => {
    const answer = await send(outgoing);
    if (looksLikeObject(answer.text)) return answer;
    throw new RouterError("SUBGRAPH_INVALID_RESPONSE", { subgraph, status: answer.status });
  };
}
