/** Who asks, and what they may see. */
import { type SigningAlgorithm, signingAlgorithms } from "@tessera/access";
import type { AccessOptions } from "../../access/access-plan.js";
import type { PolicyField, PolicyOptions } from "../../access/policy-decider.js";
import type { ApiKeyActor, StaticApiKey } from "../../identity/api-keys.js";
import type { AuthenticationOptions, JwtIssuer, JwtOptions } from "../../identity/authentication.js";
import type { ClaimMapping } from "../../identity/claims.js";
import type { TokenSource } from "../../identity/token-sources.js";
import { choice, either, file, list, named, type Schema, section, text, toggle, url, whole } from "../schema-parts.js";

const names = (description: string, examples: readonly string[]) =>
  list(text({ description: "A name." }), { description, examples: [examples] });

const claims = section<ClaimMapping>(
  { description: "Which claims say what. Default: those of OpenID Connect and OAuth." },
  {
    id: text({ description: "Who the actor is.", default: "sub" }),
    tenant: either(
      [
        text({ description: "The same organization for all." }),
        section<Exclude<NonNullable<ClaimMapping["tenant"]>, string>>(
          { description: "A claim names it.", required: ["claim"] },
          {
            claim: text({ description: "The claim.", examples: ["org_id"] }),
            allowed: names("Values that are taken. Default: any.", ["acme"]),
          },
        ),
      ],
      {
        description: "The organization the actor works in. Default: everybody is one of their own.",
        examples: [{ claim: "org_id" }],
      },
    ),
    scopes: names("Claims with scopes. Default: scope, scp and permissions.", ["scope"]),
    roles: names("Claims with roles. Default: roles.", ["realm_access.roles"]),
    attributes: named(text({ description: "A claim." }), {
      description: "Attribute of the actor → claim. Default: none.",
      examples: [{ tier: "plan" }],
    }),
  },
);

const issuer = section<JwtIssuer>(
  { description: "Whose tokens are trusted.", required: ["issuer"] },
  {
    issuer: text({ description: "Exactly the iss of its tokens.", examples: ["https://login.example.com/"] }),
    jwksUrl: url({ description: "Where its keys are. Default: found by OpenID Connect discovery." }),
    audience: either(
      [
        text({ description: "One." }),
        list(text({ description: "One of them." }), { description: "Several.", minItems: 1 }),
      ],
      {
        description:
          "Who its tokens have to be meant for. Default: not looked at, so tokens for other services count too.",
      },
    ),
    algorithms: list(choice<SigningAlgorithm>(signingAlgorithms, { description: "An asymmetric algorithm." }), {
      description: "How its tokens may be signed. Default: RS256, PS256, ES256 and EdDSA.",
      minItems: 1,
    }),
    type: text({ description: "The typ of its access tokens. Default: any.", examples: ["at+jwt"] }),
    claims,
  },
);

const source: Schema<TokenSource> = either(
  [
    section<Extract<TokenSource, { readonly header: string }>>(
      { description: "A header.", required: ["header"] },
      {
        header: text({ description: "Its name.", examples: ["authorization"] }),
        // An empty prefix is one: the header is the token.
        prefix: { ...text({ description: "The word before the token.", default: "Bearer" }), minLength: 0 },
      },
    ),
    section<Extract<TokenSource, { readonly cookie: string }>>(
      { description: "A cookie.", required: ["cookie"] },
      { cookie: text({ description: "Its name.", examples: ["session"] }) },
    ),
  ],
  { description: "Where a token may stand." },
);

const jwt = section<JwtOptions>(
  { description: "Access tokens (JWT). Default: none are taken.", required: ["issuers"] },
  {
    issuers: list(issuer, { description: "Whose tokens are trusted.", minItems: 1 }),
    sources: list(source, {
      description: "Tried in this order. Default: header authorization with Bearer.",
      minItems: 1,
      examples: [[{ header: "authorization" }, { cookie: "session" }]],
    }),
    clockToleranceSeconds: whole({ description: "By how much clocks may differ.", default: 5 }),
    cachedTokens: whole({ description: "Verified tokens that are kept until they expire.", default: 10_000 }),
    keysMaxAgeSeconds: whole({
      description: "When keys are read again: the longest time a revoked one counts.",
      default: 60,
      minimum: 1,
    }),
  },
);

const apiKey = section<StaticApiKey>(
  { description: "One key.", required: ["hash", "actor"] },
  {
    hash: text({
      description: 'SHA-256 of the key in hexadecimal: printf %s "$KEY" | sha256sum',
      pattern: "^[0-9a-f]{64}$",
      patternErrorMessage:
        "it has to be a SHA-256 in 64 hexadecimal digits, as sha256sum prints it, never the key itself",
    }),
    actor: section<ApiKeyActor>(
      { description: "Who is behind the key.", required: ["id"] },
      {
        id: text({ description: "Who it is.", examples: ["billing"] }),
        tenant: text({ description: "The organization it works in. Default: the id." }),
        kind: choice(["user", "service"], { description: "What it is.", default: "service" }),
        scopes: names("What it may do. Default: nothing.", ["orders:read"]),
        roles: names("Its roles. Default: none.", ["auditor"]),
        attributes: named(list(text({ description: "A value." }), { description: "Values." }), {
          description: "Facts that policies and tiers look at. Default: none.",
          examples: [{ tier: ["pro"] }],
        }),
      },
    ),
    expires: text({ description: "ISO 8601; after it the key is refused. Default: never.", examples: ["2027-01-01"] }),
  },
);

export const authenticationSchema: Schema<AuthenticationOptions> = section<AuthenticationOptions>(
  { description: "Who asks. Without it everybody is anonymous, and tokens are headers like any other." },
  {
    jwt,
    apiKeys: list(apiKey, { description: "Keys of other systems. Default: none." }),
    apiKeyHeader: text({ description: "Where a key stands.", default: "x-api-key" }),
    required: toggle({ description: "Refuse who does not say who it is.", default: false }),
  },
);

export type AuthorizationConfig = AccessOptions & { readonly policies?: PolicyOptions };

const policies: Schema<PolicyOptions> = either(
  [
    section<{ readonly module: string }>(
      { description: "A function.", required: ["module"] },
      { module: file({ description: "A module that exports decide(policies, facts).", examples: ["policies.mjs"] }) },
    ),
    section<PolicyField>(
      { description: "A root query field <field>(policies: [String!]!): [String!]!", required: ["subgraph", "field"] },
      {
        subgraph: text({ description: "The subgraph that has it.", examples: ["identity"] }),
        field: text({ description: "Its name.", examples: ["policiesThatHold"] }),
      },
    ),
  ],
  { description: "Who decides @policy. Default: nobody.", examples: [{ module: "policies.mjs" }] },
);

export const authorizationSchema: Schema<AuthorizationConfig> = section<AuthorizationConfig>(
  { description: "What @authenticated, @requiresScopes and @policy mean." },
  {
    mode: choice(["filter", "reject"], {
      description: "Take out what the sender may not see, or refuse the operation.",
      default: "filter",
    }),
    dryRun: toggle({
      description: "Take nothing out and refuse nothing; report what would have been.",
      default: false,
    }),
    undecidedPolicies: choice(["refuse", "pass"], {
      description: "What a policy means that nobody decided; pass where subgraphs decide theirs.",
      default: "refuse",
    }),
    policies,
  },
);
