/** Durations as Apollo's reports count them: 384 buckets, each a tenth longer than the one before, the first up to 1 µs. */

const bucketCount = 384;
const growth = Math.log(1.1);

export class DurationHistogram {
  readonly #counts: number[] = [];

  add(durationMs: number): void {
    const bucket = bucketOf(durationMs);
    this.#counts[bucket] = (this.#counts[bucket] ?? 0) + 1;
  }

  /** A run of empty buckets is one negative number, a single one is 0. */
  toArray(): number[] {
    const written: number[] = [];
    let empty = 0;
    for (let bucket = 0; bucket < this.#counts.length; bucket += 1) {
      const count = this.#counts[bucket];
      if (count === undefined) {
        empty += 1;
        continue;
      }
      if (empty > 0) written.push(empty === 1 ? 0 : -empty);
      written.push(count);
      empty = 0;
    }
    return written;
  }
}

function bucketOf(durationMs: number): number {
  const bucket = Math.ceil(Math.log(durationMs * 1_000) / growth);
  return Math.min(Math.max(bucket, 0) || 0, bucketCount - 1);
}
