/** Markdown tables of medians, with ratios to the peer on the same server, paired per round. */
import { median } from "../../gateway/src/statistics.mjs";
import { references } from "./configurations.mjs";

const latencyColumns = [
  "",
  "p50 ms",
  "p95 ms",
  "p99 ms",
  "end to end, events/s",
  "× peer",
  "CPU µs here",
  "CPU µs PostgreSQL",
];
const partColumns = [
  "",
  "publishing, transactions/s",
  "CPU µs",
  "bus in, events/s",
  "CPU µs",
  "bus out, events/s",
  "CPU µs",
  "repeating, events/s",
];

export function renderTables({ rounds, sizes }, results) {
  const { rate, seconds, published, events, carried } = sizes;
  return [
    `${rounds} ${rounds === 1 ? "round" : "rounds"}; latency at ${rate} transactions/s for ${seconds} s; ${count(published)} transactions published; ${count(events)} events and those end to end; ${count(carried)} through the bus alone.`,
    "",
    ...table(latencyColumns, results, latencyCells),
    "",
    ...table(partColumns, results, partCells),
  ].join("\n");
}

function table(columns, results, cells) {
  const head = [row(columns), row(columns.map((_, index) => (index === 0 ? "---" : "---:")))];
  return [
    ...head,
    ...results.map((result) => row([result.configuration.label, ...cellsOf(result, results, columns, cells)])),
  ];
}

function cellsOf(result, results, columns, cells) {
  if (result.problem) return [result.problem, ...columns.slice(2).map(() => "")];
  return cells(result, results);
}

function latencyCells({ configuration, rounds }, results) {
  const of = (read) => median(rounds.map(read));
  const peer = results.find((other) => other.configuration.id === references[configuration.id]);
  const pairs = rounds.flatMap(({ endToEnd }, round) =>
    peer?.rounds[round] ? [endToEnd.perSecond / peer.rounds[round].endToEnd.perSecond] : [],
  );
  return [
    ...["p50", "p95", "p99"].map((name) => of(({ latency }) => latency[name]).toFixed(1)),
    withRange(rounds.map(({ endToEnd }) => endToEnd.perSecond)),
    pairs.length === 0 ? "" : `${median(pairs).toFixed(1)} (${peer.configuration.id})`,
    count(of(({ endToEnd }) => endToEnd.cpu)),
    count(of(({ endToEnd }) => endToEnd.serverCpu)),
  ];
}

function partCells({ rounds }) {
  const of = (read) => median(rounds.map(read));
  const rate = (part) => [
    withRange(rounds.map((round) => part(round).perSecond)),
    short(of((round) => part(round).cpu)),
  ];
  const repeated = rounds[0]?.replay ? withRange(rounds.map(({ replay }) => replay.perSecond)) : "no such thing";
  return [
    ...rate(({ publish }) => publish),
    ...rate(({ bus }) => bus.append),
    ...rate(({ bus }) => bus.drain),
    repeated,
  ];
}

const count = (value) => Math.round(value).toLocaleString("en");
const short = (value) => (value < 10 ? value.toFixed(1) : count(value));
const row = (cells) => `| ${cells.join(" | ")} |`;

function withRange(values) {
  const middle = count(median(values));
  return values.length === 1 ? middle : `${middle} (${count(Math.min(...values))}–${count(Math.max(...values))})`;
}
