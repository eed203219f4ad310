/** A Markdown table of medians, with ratios that are paired per round. */
import { reference } from "./configurations.mjs";
import { median } from "./statistics.mjs";

const columns = [
  "gateway",
  "requests/s",
  "× Apollo",
  "p50 / p95 / p99 ms",
  "CPU ms per request",
  "subgraph calls",
  "peak MB",
];

export function renderTable(workload, { bytes, bodies, connections, seconds, rounds }, results) {
  const base = results.find(({ configuration }) => configuration.id === reference);
  const size = bodies.length === 1 ? `request ${count(bytes.request)} B, answer ${count(bytes.answer)} B; ` : "";
  return [
    `### ${workload.title}`,
    `${capitalised(workload.text)}. ${capitalised(size)}${connections} connections, ${rounds} × ${seconds} s.`,
    "",
    row(columns),
    row(columns.map((_, index) => (index === 0 ? "---" : "---:"))),
    ...results.map((result) => row(cells(result, base?.rounds ?? []))),
  ].join("\n");
}

function cells({ configuration, rounds, problem }, base) {
  const label = configuration.label;
  if (problem) return [label, problem, ...columns.slice(2).map(() => "")];
  const of = (name) => median(rounds.map((round) => round[name]));
  return [
    label,
    withRange(rounds.map(({ perSecond }) => perSecond)),
    ratio(rounds, base),
    ["p50", "p95", "p99"].map((name) => short(of(name))).join(" / "),
    String(Number(of("cpu").toPrecision(2))),
    of("calls").toFixed(2),
    of("peak").toFixed(0),
  ];
}

/** The median of the ratios, each between two measurements of one round. */
function ratio(rounds, base) {
  const pairs = rounds.flatMap(({ perSecond }, round) => (base[round] ? [perSecond / base[round].perSecond] : []));
  return pairs.length === 0 ? "" : short(median(pairs));
}

const count = (value) => Math.round(value).toLocaleString("en");
const short = (value) => (value < 10 ? value.toFixed(1) : count(value));
const capitalised = (text) => text.charAt(0).toUpperCase() + text.slice(1);
const row = (cellsOfRow) => `| ${cellsOfRow.join(" | ")} |`;

function withRange(values) {
  const middle = count(median(values));
  return values.length === 1 ? middle : `${middle} (${count(Math.min(...values))}–${count(Math.max(...values))})`;
}
