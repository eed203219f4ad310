/** The right to work on one partition for one group. It runs out when its holder does not renew it. */
import type { RedisClient } from "./client.js";

const ttlMs = 6000;
const renewMs = 2000;
/** Whoever holds it already may take it again: its answer may have been lost with a connection. */
const takeScript = `
  local holder = redis.call('get', KEYS[1])
  if holder and holder ~= ARGV[1] then return 0 end
  redis.call('set', KEYS[1], ARGV[1], 'PX', ARGV[2])
  return 1`;
const renewScript =
  "if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('pexpire', KEYS[1], ARGV[2]) end return 0";
const releaseScript = "if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('del', KEYS[1]) end return 0";

export class Lease {
  #held = true;
  readonly #timer: NodeJS.Timeout;

  private constructor(
    readonly client: RedisClient,
    readonly key: string,
    readonly holder: string,
  ) {
    this.#timer = setInterval(() => void this.#renew(), renewMs);
  }

  static async take(client: RedisClient, key: string, holder: string): Promise<Lease | null> {
    const taken = await client.eval(takeScript, { keys: [key], arguments: [holder, String(ttlMs)] });
    return taken === 1 ? new Lease(client, key, holder) : null;
  }

  /** False once it could not be renewed: somebody else may work by now. */
  get held(): boolean {
    return this.#held;
  }

  async release(): Promise<void> {
    clearInterval(this.#timer);
    this.#held = false;
    await this.client.eval(releaseScript, { keys: [this.key], arguments: [this.holder] }).catch(() => {});
  }

  async #renew(): Promise<void> {
    try {
      const renewed = await this.client.eval(renewScript, {
        keys: [this.key],
        arguments: [this.holder, String(ttlMs)],
      });
      if (renewed !== 1) this.#held = false;
    } catch {
      this.#held = false;
    }
  }
}
