/** Memory of one process that publishes, relays and reacts, over many events. */
import { setTimeout as pause } from "node:timers/promises";

const [batch, mostWaiting] = [5_000, 20_000];
const samples = 40;

/** @returns `{ samples: [events, heap MB, resident MB][], seconds }` */
export async function measureMillion(subject, { events }) {
  let reacted = 0;
  const began = performance.now();
  const consumer = await subject.consume(() => reacted++);
  const taken = [];
  for (let committed = 0; reacted < events; ) {
    if (committed < events && committed - reacted < mostWaiting) {
      await subject.commitMany(committed, Math.min(batch, events - committed));
      committed += batch;
    } else await pause(10);
    if (reacted >= ((taken.length + 1) * events) / samples) taken.push([reacted, ...memory()]);
  }
  await consumer.close();
  return { samples: taken, seconds: (performance.now() - began) / 1_000 };
}

/** Heap after a collection, so that what is kept shows and not what happens to lie around. */
function memory() {
  globalThis.gc?.();
  const { heapUsed, rss } = process.memoryUsage();
  return [heapUsed / 2 ** 20, rss / 2 ** 20];
}
