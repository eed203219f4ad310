export interface TestRedis {
  readonly url: string;
  close(): Promise<void>;
}

/** A real Redis: `REDIS_URL`, else `redis-server`/`valkey-server`, else installed by apt, else a clear error. */
export async function startTestRedis(): Promise<TestRedis> {
  throw new Error("pending");
}
