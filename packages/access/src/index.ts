/** Who is asking, for which tenant, and may they. */
export { type KeycloakOptions, keycloakClaims } from "./claims.js";
export { AccessError, type AccessErrorCode } from "./errors.js";
export { oidcIssuer, type SigningAlgorithm, signingAlgorithms, type TrustedIssuer, tesseraIssuer } from "./issuers.js";
export { createModuleSigner, moduleIssuer, moduleServiceId } from "./module-tokens.js";
export { builtInPolicies, type Policy, type PolicyFacts } from "./policies.js";
export { hasScopes, scopesOfRoles } from "./scopes.js";
export { type CreatedSecret, createSecret, hashSecret, verifySecret } from "./secrets.js";
export { createSigner, generateSigningKey, type SignedToken, type Signer, type SigningKey } from "./signer.js";
export { createVerifier, type RecallingVerifier, type Verifier, type VerifierOptions } from "./verifier.js";
