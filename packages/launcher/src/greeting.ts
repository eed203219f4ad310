/** What the terminal says when everything is up: the address, who may log in, and what to try first. */
import { type DemoPerson, demoPassword, organizations, people } from "@tessera/demo-world";
import { firstOperations } from "./first-operations.js";

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
    "  Three operations to paste; the first one's answer holds the token that the other two need as a header,",
    '  { "authorization": "Bearer <accessToken>" }',
    "",
    ...firstOperations.flatMap((operation) => [`    ${operation}`, ""]),
    "  The subscription speaks when something changes: run npm run demo:journey in a second terminal.",
  ];
}

export function greeting(url: string, { seconds, demo, explorer }: GreetingFacts): string {
  const address = url.replace(/\/\/(0\.0\.0\.0|\[::\]|::)/, "//localhost");
  const lines = [
    "",
    `  Tessera answers at ${address}/graphql (after ${seconds} s)`,
    ...(explorer ? ["  Open that address in a browser for the explorer. Subscriptions use the same path."] : []),
    `  Health ${address}/health, metrics ${address}/metrics`,
    "",
    ...(demo ? [...demoLogins(), ""] : []),
    "  Ctrl-C stops everything. npm run reset starts clean.",
    "",
  ];
  return lines.join("\n");
}
