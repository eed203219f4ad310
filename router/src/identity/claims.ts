/** How the claims of a foreign issuer's token become an actor. */
import { AccessError } from "@tessera/access";
import type { Actor } from "@tessera/shared-types";

/**
 * Claims by name; `a.b` also reaches into objects, after a claim of exactly that name was looked for. A claim is a list
 * of texts, or one text with spaces between its values.
 */
export interface ClaimMapping {
  /** Who the actor is. Default `sub`. */
  readonly id?: string;
  /**
   * The organization the actor works in: a fixed name, or a claim that has to be there and to hold one of `allowed`
   * when those are given. Without it everybody is a tenant of their own, `<issuer>|<id>`: an unknown issuer must not
   * be able to name somebody else's.
   */
  readonly tenant?: string | { readonly claim: string; readonly allowed?: readonly string[] };
  /** All that are there count. Default `scope`, `scp` and `permissions`. */
  readonly scopes?: readonly string[];
  /** All that are there count. Default `roles`. */
  readonly roles?: readonly string[];
  /** Attribute → claim, such as `{ tier: "plan" }`. Default: none. */
  readonly attributes?: Readonly<Record<string, string>>;
}

type Claims = Readonly<Record<string, unknown>>;

/** Throws AccessError TOKEN_CLAIMS_REFUSED when a needed claim is missing. */
export function actorFromClaims(mapping: ClaimMapping = {}): (claims: Claims) => Actor {
  const { scopes = ["scope", "scp", "permissions"], roles = ["roles"], attributes = {} } = mapping;
  return (claims) => {
    const id = textClaim(claims, mapping.id ?? "sub");
    return {
      kind: isService(claims) ? "service" : "user",
      id,
      tenantId: tenantOf(claims, id, mapping.tenant),
      scopes: new Set(scopes.flatMap((name) => values(claims, name))),
      roles: [...new Set(roles.flatMap((name) => values(claims, name)))],
      attributes: Object.fromEntries(Object.entries(attributes).map(([to, from]) => [to, values(claims, from)])),
      ...(typeof claims.sid === "string" ? { sessionId: claims.sid } : {}),
      ...(typeof claims.exp === "number" ? { expiresAt: claims.exp * 1000 } : {}),
    };
  };
}

function tenantOf(claims: Claims, id: string, tenant: ClaimMapping["tenant"]): string {
  if (tenant === undefined) return `${textClaim(claims, "iss")}|${id}`;
  if (typeof tenant === "string") return tenant;
  const named = textClaim(claims, tenant.claim);
  if (tenant.allowed === undefined || tenant.allowed.includes(named)) return named;
  throw refused(`claim ${tenant.claim} names no organization this issuer may speak for`);
}

/** A client that speaks for itself: RFC 9068 §5 has `sub` equal to the client; Auth0 says so in `gty`. */
function isService({ sub, client_id, azp, gty }: Claims): boolean {
  return gty === "client-credentials" || (sub !== undefined && (sub === client_id || sub === azp));
}

function textClaim(claims: Claims, name: string): string {
  const value = claimOf(claims, name);
  if (typeof value === "string" && value !== "") return value;
  throw refused(`claim ${name} is missing or no text`);
}

function values(claims: Claims, name: string): string[] {
  const value = claimOf(claims, name);
  if (typeof value === "string") return value.split(" ").filter(Boolean);
  return Array.isArray(value) ? value.filter((one): one is string => typeof one === "string") : [];
}

function claimOf(claims: Claims, name: string): unknown {
  if (Object.hasOwn(claims, name)) return claims[name];
  return name.split(".").reduce<unknown>((object, key) => {
    const isObject = typeof object === "object" && object !== null && Object.hasOwn(object, key);
    return isObject ? (object as Claims)[key] : undefined;
  }, claims);
}

function refused(reason: string): AccessError {
  return new AccessError("TOKEN_CLAIMS_REFUSED", `The token's claims are not acceptable: ${reason}.`);
}
