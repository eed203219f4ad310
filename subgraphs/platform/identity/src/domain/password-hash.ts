/**
 * Argon2id with the parameters OWASP recommends (19 MiB, 2 passes, 1 lane). Hashing runs on Node's thread pool, a few at
 * a time: a flood of logins waits in line and is then refused, instead of taking the processor from everybody else.
 */
import { hash, verify } from "@node-rs/argon2";
import { errors } from "../errors.js";
import { normalisePassword } from "./password-rules.js";

/** `Algorithm.Argon2id`, whose enum exists for the compiler only. */
const argon2id = 2;
const parameters = { algorithm: argon2id, memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const;
const atOnce = 2;
const mayWait = 100;

/** Verified in place of the hash of somebody who does not exist, so that the answer takes as long. */
const nobodysHash = "$argon2id$v=19$m=19456,t=2,p=1$UF6J3D7OAycr7RkA63C9Bw$c3GEz9XT61Pt7+/NoD74twfwwxksNiPxz/EBrtuYwo4";

let running = 0;
const waiting: (() => void)[] = [];

/** PHC string with its own random salt. */
export function hashPassword(password: string): Promise<string> {
  return inTurn(() => hash(normalisePassword(password), parameters));
}

/** `null` as the hash takes as long as any other and never matches. */
export function passwordMatches(password: string, phc: string | null): Promise<boolean> {
  return inTurn(async () => {
    const matches = await verify(phc ?? nobodysHash, normalisePassword(password), parameters);
    return matches && phc !== null;
  });
}

async function inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
  if (running >= atOnce) {
    if (waiting.length >= mayWait) throw errors.LOGIN_BUSY({ retryAfterSeconds: 5 });
    await new Promise<void>((resolve) => waiting.push(resolve));
  } else running++;
  try {
    return await work();
  } finally {
    const next = waiting.shift();
    if (next) next();
    else running--;
  }
}
