/**
 * Who is asking. The router verifies a token once and passes the actor on: by reference in the same process, as the
 * token itself over a socket, where it is verified again.
 */
export interface Actor {
  readonly kind: "user" | "service" | "system";
  /** User or service account id; for `system` the name of the module that acts on its own behalf. */
  readonly id: string;
  /** The organization this actor works in. One token is for one tenant. */
  readonly tenantId: string;
  /** `<module>:<read|write|approve|admin>` */
  readonly scopes: ReadonlySet<string>;
  readonly roles: readonly string[];
  /** Facts that policies look at, such as the projects a person is assigned to. */
  readonly attributes: Readonly<Record<string, readonly string[]>>;
  /** The login session the token belongs to; absent for keys and service accounts. */
  readonly sessionId?: string;
  /** When the token runs out, in epoch milliseconds; absent for `system`. */
  readonly expiresAt?: number;
}
