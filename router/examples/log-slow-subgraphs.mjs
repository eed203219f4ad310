/** Writes a line for each answer of a subgraph that took longer than SLOW_MS, 500 unless it is set. */

const slowMs = Number(process.env.SLOW_MS ?? 500);

/** Context of a request → subgraph → when it was asked last. */
const asked = new WeakMap();

/** @type {import("@tessera/router").RouterHooks} */
export default {
  onSubgraphRequest({ subgraph, context }) {
    if (!asked.has(context)) asked.set(context, new Map());
    asked.get(context).set(subgraph, performance.now());
  },
  onSubgraphResponse({ subgraph, operation, context }) {
    const tookMs = performance.now() - (asked.get(context)?.get(subgraph) ?? Number.NaN);
    if (tookMs < slowMs) return;
    const { requestId } = context.facts;
    console.log(JSON.stringify({ msg: "slow subgraph", subgraph, operation: operation.name, tookMs, requestId }));
  },
};
