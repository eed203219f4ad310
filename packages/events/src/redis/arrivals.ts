/**
 * What processes are told when a partition got events: `[partition, id of the last one, [their types]]`. Only a hint: who
 * misses it finds the events at its next poll. The version before this one tells `[partition, partition, …]` and reads
 * the first element of ours as that, so both may run side by side.
 */

export interface Arrival {
  readonly partition: number;
  /** Of its last event, where that is known. */
  readonly id: string | null;
  /** Of its new events; `null` when they may be of any type. */
  readonly types: readonly string[] | null;
}

export function readArrivals(message: string): Arrival[] {
  const told = JSON.parse(message) as readonly [number, string, string[]] | readonly number[];
  if (typeof told[1] === "string") return [{ partition: told[0], id: told[1], types: told[2] as string[] }];
  return (told as readonly number[]).map((partition) => ({ partition, id: null, types: null }));
}
