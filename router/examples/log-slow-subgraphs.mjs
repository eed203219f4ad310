/** Writes a line for each answer of a subgraph that took longer than SLOW_MS, 500 unless it is set. */

const slowMs = Number(process.env.SLOW_MS ?? 500);

/** Head of the answer to a request → operation of a call → when it was sent. */
const asked = new WeakMap();

/** @type {import("@tessera/router").RouterHooks} */
export default {
  onSubgraphRequest({ operation, context: { head } }) {
    if (!asked.has(head)) asked.set(head, new Map());
    asked.get(head).set(operation, performance.now());
  },
  onSubgraphResponse({ subgraph, operation, context }) {
    const tookMs = performance.now() - (asked.get(context.head)?.get(operation) ?? Number.NaN);
    if (tookMs < slowMs) return;
    const { requestId } = context.facts;
    console.log(JSON.stringify({ msg: "slow subgraph", subgraph, operation: operation.name, tookMs, requestId }));
  },
};
