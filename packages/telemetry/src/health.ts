/** Parts of the system report their own health; whoever serves `/health` asks them all at once. */

/** What a check answers. `detail` is one sentence for an operator, without secrets. */
export interface Health {
  readonly ok: boolean;
  readonly detail: string;
  readonly latencyMs?: number;
}

/** Throws or answers; both are turned into a `Health`. */
export type HealthCheck = () => Promise<Health>;

export interface HealthReport {
  /** True when every part is. An empty registry is healthy. */
  readonly ok: boolean;
  readonly checks: Readonly<Record<string, Required<Health>>>;
}

export interface HealthRegistry {
  /**
   * `name` is what operators ask for: `database`, `cache`, `external`, `integrations`, … A name may be registered by
   * several parts; it is healthy when all of them are. Returns a function that takes the check out again.
   */
  register(name: string, check: HealthCheck): () => void;
  /** Runs every check, or those of one name. `null` when nothing has that name. */
  check(): Promise<HealthReport>;
  check(name: string): Promise<HealthReport | null>;
}

interface Registered {
  readonly name: string;
  readonly check: HealthCheck;
}

export function createHealthRegistry(timeoutMs: number): HealthRegistry {
  const registered = new Set<Registered>();

  async function check(name?: string): Promise<HealthReport | null> {
    const asked = [...registered].filter((one) => name === undefined || one.name === name);
    if (name !== undefined && asked.length === 0) return null;
    const answers = await Promise.all(asked.map((one) => runWithin(timeoutMs, one.check)));
    const checks: Record<string, Required<Health>> = {};
    asked.forEach((one, index) => {
      const answer = answers[index];
      if (answer) checks[one.name] = worse(checks[one.name], answer);
    });
    return { ok: answers.every((answer) => answer.ok), checks };
  }

  return {
    register(name, run) {
      const entry = { name, check: run };
      registered.add(entry);
      return () => void registered.delete(entry);
    },
    check: check as HealthRegistry["check"],
  };
}

function worse(known: Required<Health> | undefined, next: Required<Health>): Required<Health> {
  if (!known) return next;
  return known.ok && !next.ok ? next : known;
}

async function runWithin(timeoutMs: number, check: HealthCheck): Promise<Required<Health>> {
  const started = performance.now();
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<Health>((resolve) => {
    timer = setTimeout(() => resolve({ ok: false, detail: `no answer within ${timeoutMs} ms` }), timeoutMs);
  });
  const health = await Promise.race([Promise.resolve().then(check).catch(failed), late]);
  clearTimeout(timer);
  return { latencyMs: Math.round((performance.now() - started) * 10) / 10, ...health };
}

function failed(error: unknown): Health {
  return { ok: false, detail: error instanceof Error ? error.message : String(error) };
}
