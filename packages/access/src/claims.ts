/**
 * How the claims of a verified token become an actor, for Tessera's own tokens and for Keycloak's.
 */
import type { Actor } from "@tessera/shared-types";
import type { JWTPayload } from "jose";
import { z } from "zod";
import { AccessError } from "./errors.js";
import { scopesOfRoles } from "./scopes.js";

const text = z.string().min(1);
const expiry = z.number();

const ownClaims = z.object({
  sub: text,
  exp: expiry,
  kind: z.enum(["user", "service"]),
  tenant: text,
  scope: z.string(),
  roles: z.array(z.string()),
  attributes: z.record(z.string(), z.array(z.string())),
  sid: text.optional(),
});

/** Claims of an access token as `createSigner` writes them. */
export function claimsOfActor(actor: Actor): JWTPayload {
  return {
    kind: actor.kind,
    tenant: actor.tenantId,
    scope: [...actor.scopes].join(" "),
    roles: [...actor.roles],
    attributes: actor.attributes,
    ...(actor.sessionId === undefined ? {} : { sid: actor.sessionId }),
  };
}

/** The inverse of `claimsOfActor`. */
export function actorOfClaims(payload: JWTPayload): Actor {
  const claims = parse(ownClaims, payload);
  return {
    kind: claims.kind,
    id: claims.sub,
    tenantId: claims.tenant,
    scopes: new Set(claims.scope.split(" ").filter(Boolean)),
    roles: claims.roles,
    attributes: claims.attributes,
    ...(claims.sid === undefined ? {} : { sessionId: claims.sid }),
    expiresAt: claims.exp * 1000,
  };
}

const roleList = z.object({ roles: z.array(z.string()).default([]) }).default({ roles: [] });
const keycloak = z.object({
  sub: text,
  exp: expiry,
  typ: z.string().optional(),
  sid: text.optional(),
  preferred_username: z.string().optional(),
  realm_access: roleList,
  resource_access: z.record(z.string(), roleList).default({}),
});

export interface KeycloakOptions {
  /** The organization people of this realm work in, or the claim that names it and the organizations it may name. */
  readonly tenant: string | { readonly claim: string; readonly allowed: readonly string[] };
  /** The client whose `resource_access` roles count beside the realm's. */
  readonly clientId?: string;
  /** Keycloak role → role key of Tessera. Without it a role counts under its own name. */
  readonly roleNames?: Readonly<Record<string, string>>;
  /** Claims to carry over as attributes: attribute name → claim name, such as `{ projects: "assigned_projects" }`. */
  readonly attributes?: Readonly<Record<string, string>>;
}

/**
 * Maps an access token of a Keycloak realm: `realm_access.roles` and `resource_access.<client>.roles` become roles, and
 * those roles' scopes the scopes. ID and refresh tokens are refused, as is a tenant the realm may not speak for.
 */
export function keycloakClaims(options: KeycloakOptions): (payload: JWTPayload) => Actor {
  return (payload) => {
    const claims = parse(keycloak, payload);
    if (claims.typ !== undefined && claims.typ !== "Bearer")
      refuse(`a token of type ${claims.typ} is not an access token`);
    const client = options.clientId === undefined ? [] : (claims.resource_access[options.clientId]?.roles ?? []);
    const roles = [...claims.realm_access.roles, ...client].map((role) => options.roleNames?.[role] ?? role);
    return {
      kind: claims.preferred_username?.startsWith("service-account-") ? "service" : "user",
      id: claims.sub,
      tenantId: tenantOf(payload, options.tenant),
      scopes: scopesOfRoles(roles),
      roles: [...new Set(roles)],
      attributes: attributesOf(payload, options.attributes ?? {}),
      ...(claims.sid === undefined ? {} : { sessionId: claims.sid }),
      expiresAt: claims.exp * 1000,
    };
  };
}

function tenantOf(payload: JWTPayload, tenant: KeycloakOptions["tenant"]): string {
  if (typeof tenant === "string") return tenant;
  const named = payload[tenant.claim];
  if (typeof named === "string" && tenant.allowed.includes(named)) return named;
  return refuse(`claim ${tenant.claim} names no organization this issuer may speak for`);
}

function attributesOf(payload: JWTPayload, names: Readonly<Record<string, string>>): Record<string, string[]> {
  const values = (claim: string): string[] =>
    [payload[claim]].flat().filter((value): value is string => typeof value === "string");
  return Object.fromEntries(Object.entries(names).map(([attribute, claim]) => [attribute, values(claim)]));
}

function parse<Claims>(schema: z.ZodType<Claims>, payload: JWTPayload): Claims {
  const result = schema.safeParse(payload);
  if (result.success) return result.data;
  return refuse(`claim ${result.error.issues[0]?.path.join(".") ?? ""} is missing or malformed`);
}

function refuse(reason: string): never {
  throw new AccessError("TOKEN_CLAIMS_REFUSED", `The token's claims are not acceptable: ${reason}.`);
}
