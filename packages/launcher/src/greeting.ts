/** What the terminal says when everything is up: the address, who may log in, and what to try first. */
import { carbonDashboardId, type DemoPerson, demoPassword, organizations, people } from "@tessera/demo-world";

export interface GreetingFacts {
  /** From the command to the first answer. */
  readonly seconds: string;
  readonly demo: boolean;
  readonly explorer: boolean;
}

const mainTenant = "thistlemoor";

function demoLogins(): string[] {
  const everybody: readonly DemoPerson[] = Object.values(people);
  const here = everybody.flatMap((person) => {
    const membership = person.memberships.find(({ organization }) => organization === mainTenant);
    return membership ? [`    ${membership.role.padEnd(24)}${person.email}`] : [];
  });
  return [
    `  Demo logins at ${organizations[mainTenant].name}; everybody's password is ${demoPassword}`,
    ...here,
    "",
    "  Three operations to paste; the answer of the first holds the token for the header of the other two,",
    '  { "authorization": "Bearer <token>" }',
    "",
    `    mutation { login(email: "${people.priya.email}", password: "${demoPassword}") { accessToken } }`,
    "",
    "    { emissionCalculations(first: 3) { nodes { name organization { name } } } }",
    "",
    `    subscription { dashboardUpdated(dashboardId: "${carbonDashboardId}") { id name } }`,
  ];
}

export function greeting(url: string, { seconds, demo, explorer }: GreetingFacts): string {
  const address = url.replace(/\/\/(0\.0\.0\.0|\[::\]|::)/, "//localhost");
  const lines = [
    "",
    `  Tessera answers at ${address}/graphql (after ${seconds} s)`,
    ...(explorer
      ? ["  Open that address in a browser for the explorer. Subscriptions use the same path over WebSocket."]
      : []),
    `  Health ${address}/health, metrics ${address}/metrics`,
    "",
    ...(demo ? [...demoLogins(), ""] : []),
    "  Ctrl-C stops everything. npm run reset starts clean.",
    "",
  ];
  return lines.join("\n");
}
