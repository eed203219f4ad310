/** Finds the word that was meant. */

/** The known word nearest to `word`, when it is near enough to be a slip of the hand. */
export function nearest(word: string, known: readonly string[]): string | null {
  const most = Math.max(1, Math.floor(word.length / 3));
  const rated = known
    .map((candidate) => ({ candidate, distance: distance(plain(word), plain(candidate)) }))
    .filter((one) => one.distance <= most)
    .sort((a, b) => a.distance - b.distance);
  return rated[0]?.candidate ?? null;
}

/** `request_timeout`, `request-timeout` and `requestTimeout` are written differently and mean the same. */
function plain(word: string): string {
  return word.replace(/[-_]/g, "").toLowerCase();
}

/** Edits between two words; two neighbours swapped count as one (optimal string alignment distance). */
function distance(a: string, b: string): number {
  let before: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let row = 1; row <= a.length; row += 1) {
    const next = [row];
    for (let column = 1; column <= b.length; column += 1) {
      const same = a[row - 1] === b[column - 1] ? 0 : 1;
      const swapped = row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1];
      next[column] = Math.min(
        (last[column] ?? 0) + 1,
        (next[column - 1] ?? 0) + 1,
        (last[column - 1] ?? 0) + same,
        swapped ? (before[column - 2] ?? 0) + 1 : Number.POSITIVE_INFINITY,
      );
    }
    before = last;
    last = next;
  }
  return last[b.length] ?? 0;
}
