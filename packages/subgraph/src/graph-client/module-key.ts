/** The key modules of an installation sign with. */
import { moduleIssuer, type TrustedIssuer } from "@tessera/access";
import { deriveKey } from "../runtime.js";

export const moduleKeyPurpose = "module-tokens";

/** For every verifier of the installation: trusts the tokens with which modules call the supergraph. */
export function trustModules(secret: Buffer): TrustedIssuer {
  return moduleIssuer(deriveKey(secret, moduleKeyPurpose));
}
