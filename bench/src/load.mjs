/** Load on a dashboard query that crosses identity, ghg-calculator, analytics and PostgreSQL. */

import { carbonDashboardId, demoPassword, people } from "@tessera/demo-world";
import autocannon from "autocannon";
import { pace } from "./pace.mjs";
import { round } from "./server.mjs";

const dashboardQuery = `query Dashboard($id: ID!) {
  dashboard(id: $id) {
    id name
    widgets { id title }
    organization { id name latestEmissionCalculation { id name status } }
  }
}`;

/** First as many requests as 50 connections get answered, then `rate` a second, evenly spaced. Latencies in milliseconds. */
export async function measureLoad(url, { seconds, rate }) {
  const headers = { "content-type": "application/json", authorization: `Bearer ${await login(url)}` };
  const body = JSON.stringify({ query: dashboardQuery, variables: { id: carbonDashboardId } });
  await expectAnswer(url, headers, body);
  const target = { url: `${url}/graphql`, method: "POST", headers, body, connections: 50 };
  const shoot = (extra) => shootAt({ ...target, ...extra });
  await shoot({ duration: 5 });
  const closed = await shoot({ duration: seconds });
  const { times, failed, seconds: lasted } = await pace({ ...target, rate, seconds });
  const paced = { rate, requestsPerSecond: round(times.length / lasted), ...percentiles(times), failed };
  return { closedLoop: closed, paced };
}

async function login(url) {
  const query = "mutation ($e: String!, $p: String!) { login(email: $e, password: $p) { accessToken } }";
  const answer = await post(url, {}, JSON.stringify({ query, variables: { e: people.priya.email, p: demoPassword } }));
  return answer.data.login.accessToken;
}

async function expectAnswer(url, headers, body) {
  const answer = await post(url, headers, body);
  if (answer.errors || !answer.data?.dashboard?.organization?.latestEmissionCalculation) {
    throw new Error(`The dashboard query does not answer in full: ${JSON.stringify(answer)}`);
  }
}

async function post(url, headers, body) {
  const response = await fetch(`${url}/graphql`, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body,
  });
  return response.json();
}

/** Every answer's time is kept, so that the percentiles are of what was measured and not of a histogram's buckets. */
function shootAt(options) {
  const times = [];
  return new Promise((resolve, reject) => {
    const run = autocannon(options, (error, result) => (error ? reject(error) : resolve(summary(result, times))));
    run.on("response", (_client, _status, _bytes, milliseconds) => times.push(milliseconds));
  });
}

function summary({ requests, non2xx, errors, timeouts }, times) {
  return { requestsPerSecond: round(requests.average), ...percentiles(times), failed: non2xx + errors + timeouts };
}

function percentiles(times) {
  times.sort((a, b) => a - b);
  const percentile = (share) => round(times[Math.min(times.length - 1, Math.floor(times.length * share))] ?? 0);
  return { p50: percentile(0.5), p95: percentile(0.95), p99: percentile(0.99) };
}
