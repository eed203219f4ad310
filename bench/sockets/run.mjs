/** Ten thousand clients on one router: how soon all have an event, what a client costs, and what slow ones do to others. */
import { parseArgs } from "node:util";
import { buildStale } from "../../scripts/build.mjs";
import { nodeFlags } from "../gateway/src/configurations.mjs";
import { median } from "../gateway/src/statistics.mjs";
import { writeSection } from "../gateway/src/write-section.mjs";
import { castProcesses } from "./cast.mjs";
import { connect, Failed, sendMany, stall } from "./measure.mjs";
import { tooFewOpenFiles } from "./open-files.mjs";

const { values: options } = parseArgs({
  options: {
    clients: { type: "string", default: "10000" },
    events: { type: "string", default: "30" },
    slow: { type: "string", default: "100" },
    workers: { type: "string", default: "2" },
    "dry-run": { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
});

const help = `Usage: npm run bench:sockets [-- options]

Opens WebSocket clients (graphql-transport-ws) on one router process and sends events to all of them. Each client has to
get each event once and in order; otherwise there are no figures.

  --clients <n>    default 10,000
  --events <n>     events sent to all, one after the other, default 30
  --slow <n>       more clients that stop reading, default 100
  --workers <n>    processes the clients are in, default 2
  --dry-run        do not write the table into bench/README.md`;

const milliseconds = (value) => `${value < 10 ? value.toFixed(1) : Math.round(value)} ms`;
const kilobytes = (value) => `${(value / 1_024).toFixed(1)} kB`;
const whole = (value) => Math.round(value).toLocaleString("en");

function rowsOf({ clients, events, slow }, { connected, quiet, stalled }) {
  const middle = (rounds, name) => median(rounds.map((round) => round[name]));
  const most = (rounds, name) => Math.max(...rounds.map((round) => round[name]));
  const spread = (rounds, name) =>
    `${milliseconds(middle(rounds, name))} (at most ${milliseconds(most(rounds, name))})`;
  const told = stalled.ended.filter(({ code, reason }) => code === 1013 && reason !== "").length;
  return [
    [
      `${whole(clients)} clients connect and subscribe`,
      `${connected.seconds.toFixed(1)} s; ${connected.cpuEach.toFixed(2)} ms of the router's CPU each`,
    ],
    ["streams of the subgraph behind them", whole(connected.streams)],
    [
      "memory per client: resident / of which JavaScript",
      `${kilobytes(connected.residentEach)} / ${kilobytes(connected.heapEach)}`,
    ],
    ["memory of the router with all of them", `${whole(connected.rss / 2 ** 20)} MB`],
    [`one event of 1 kB to all, ${events} times: the first client has it after`, spread(quiet, "first")],
    ["half of them have it after", spread(quiet, "middle")],
    ["the last one has it after", spread(quiet, "last")],
    ["CPU of the router per event and client", `${middle(quiet, "cpuEach").toFixed(1)} µs`],
    [`with ${whole(slow)} more that stop reading: the last of the others has it after`, spread(stalled.rounds, "last")],
    ["memory the router grew by meanwhile, at most", `${whole(Math.max(0, stalled.grownMB))} MB`],
    [
      "of the slow ones disconnected / found the reason when they read again (half of them read in time)",
      `${stalled.ended.length} / ${told}`,
    ],
  ];
}

function render(rows) {
  return ["| what | measured |", "| --- | --- |", ...rows.map((row) => `| ${row.join(" | ")} |`)].join("\n");
}

async function main() {
  const [clients, events, slow, workers] = ["clients", "events", "slow", "workers"].map((name) =>
    Number(options[name]),
  );
  const problem = tooFewOpenFiles(clients + slow + 500);
  if (problem) throw new Failed(problem);
  await buildStale("@tessera/router");
  const cast = await castProcesses({ workers, routerFlags: nodeFlags });
  try {
    const connected = await connect(cast, clients);
    await sendMany(cast, clients, 5, 100);
    const quiet = await sendMany(cast, clients, events, 200);
    const stalled = await stall(cast, clients, slow, events);
    const table = render(rowsOf({ clients, events, slow }, { connected, quiet, stalled }));
    console.log(table);
    if (!options["dry-run"]) writeSection("sockets", table, "bench");
  } finally {
    await cast.strike();
  }
}

if (options.help) console.log(help);
else {
  try {
    await main();
  } catch (error) {
    if (!(error instanceof Failed)) throw error;
    console.error(error.message);
    process.exitCode = 1;
  }
}
