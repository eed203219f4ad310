/** The operations of the journey, as a frontend would send them. */
import type { graphql as typed } from "./generated/gql.js";
import type { ReadResultQuery, WatchDashboardSubscription } from "./generated/graphql.js";

/** Gives each text the types that `npm run codegen` derives from it; at run time the text stays what it is. */
const graphql = String as unknown as typeof typed;

export const login = graphql(/* GraphQL */ `
  mutation Login($email: String!, $password: String!) { login(email: $email, password: $password) { accessToken } }`);

export const watchDashboard = graphql(/* GraphQL */ `
  subscription WatchDashboard($dashboardId: ID!) {
    dashboardUpdated(dashboardId: $dashboardId) {
      reason
      changedMetrics
      dashboard { name widgets { title data { points { at value } } } }
      organization {
        name
        latestEmissionCalculation { id name latestResult { version total scope1 scope2Location scope3 } }
      }
    }
  }`);

export const createCalculation = graphql(/* GraphQL */ `
  mutation CreateCalculation($input: EmissionCalculationInput!) { createEmissionCalculation(input: $input) { id name status } }`);

export const recordInstrument = graphql(/* GraphQL */ `
  mutation RecordInstrument($calculationId: ID!, $input: ContractualInstrumentInput!) {
    recordContractualInstrument(calculationId: $calculationId, input: $input) { id }
  }`);

export const importActivities = graphql(/* GraphQL */ `
  mutation ImportActivities($calculationId: ID!, $fileName: String!, $content: Base64!) {
    importEmissionActivities(calculationId: $calculationId, fileName: $fileName, content: $content) { id }
  }`);

export const readImport = graphql(/* GraphQL */ `
  query ReadImport($id: ID!) {
    activityImport(id: $id) { status rowsTotal rowsDone rowsFailed rowErrors { row column message } result { id } }
  }`);

export const readResult = graphql(/* GraphQL */ `
  query ReadResult($id: ID!) {
    emissionCalculation(id: $id) {
      name
      latestResult {
        version gwpBasis scope1 scope2Location scope2Market scope3 total totalUses biogenicCo2
        scope3Categories { category name kgCo2e }
        gases { gas kgCo2e }
        lines(first: 100) {
          nodes { activity quantity unit siteName scope scope3Category scope2Basis stage kgPerUnit convertedUnit kgCo2e biogenicKgCo2 factorSetKey factorYear }
        }
      }
    }
  }`);

export type Result = NonNullable<NonNullable<ReadResultQuery["emissionCalculation"]>["latestResult"]>;

export type DashboardUpdate = WatchDashboardSubscription["dashboardUpdated"];
