/** What a newcomer tries first: printed when everything is up, and waiting in the explorer. */
import { carbonDashboardId, demoPassword, people } from "@tessera/demo-world";

export const firstOperations = [
  `mutation LogIn { login(email: "${people.priya.email}", password: "${demoPassword}") { accessToken } }`,
  "query Look { me { name } emissionCalculations(first: 3) { nodes { name latestResult { scope1 scope2Location scope3 } } } }",
  `subscription Watch { dashboardUpdated(dashboardId: "${carbonDashboardId}") { reason organization { name } } }`,
] as const;

/** The explorer's first page, in the demo world. */
export const explorerPage = `# Run LogIn, then put its accessToken into the "Headers" tab below:
#   { "authorization": "Bearer <accessToken>" }
# Look and Watch need it. Watch speaks when something changes: npm run demo:journey, in a second terminal.

${firstOperations.join("\n\n")}
`;
