/** What a server serves besides GraphQL. */
import type { CallbackReceiver } from "../subgraphs/streams/callback-receiver.js";
import type { Exchange } from "./exchange.js";
import type { Phase } from "./operator-routes.js";

/** Something served besides GraphQL. */
export interface Route {
  /** This path alone, or with `prefix` every path that starts with it. */
  readonly path?: string;
  readonly prefix?: string;
  /** Answers, or rejects with what refuses the request. `false`: it is not for this route after all. */
  handle(exchange: Exchange, phase: Phase): void | Promise<void> | Promise<boolean>;
}

export function routeFor(routes: readonly Route[], path: string): readonly Route[] {
  return routes.filter((route) => {
    if (route.path !== undefined) return route.path === path;
    return route.prefix !== undefined && path.startsWith(route.prefix);
  });
}

/** Where subgraphs call back. */
export function callbackRoute(callbacks: CallbackReceiver): Route {
  return {
    prefix: callbacks.path,
    handle: (exchange) => {
      applyHead(exchange);
      return callbacks.handle(exchange.request, exchange.response);
    },
  };
}

/** For whoever sets headers one by one. */
export function applyHead({ response, head }: Exchange): void {
  for (let at = 0; at < head.length; at += 2) response.appendHeader(head[at] ?? "", head[at + 1] ?? "");
  head.length = 0;
}
