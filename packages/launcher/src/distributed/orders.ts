/** What the launcher and a subgraph's process say to each other. Secrets travel here, never in arguments or variables. */

import type { OidcSettings } from "../settings.js";

/** The first message to a child. */
export interface ChildOrders {
  readonly kind: "start";
  readonly name: string;
  /** The subgraph's package folder. */
  readonly folder: string;
  readonly databaseUrl: string;
  readonly redisUrl: string;
  readonly kafkaBrokers: string;
  /** Hexadecimal. */
  readonly secret: string;
  /** 0 takes any free port. */
  readonly port: number;
  /** Where the public keys of access tokens are served. */
  readonly keysUrl: string;
  /** Where the router answers GraphQL. */
  readonly graphUrl: string;
  readonly oidc?: OidcSettings | undefined;
  readonly announcesReactions: boolean;
}

export type ToChild = ChildOrders | { readonly kind: "stop" };

export type FromChild =
  | { readonly kind: "ready"; readonly url: string; readonly port: number }
  | { readonly kind: "failed"; readonly sentence: string };
