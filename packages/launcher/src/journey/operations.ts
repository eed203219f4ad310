/** The operations of the journey, as a frontend would send them. */

export const watchDashboard = /* GraphQL */ `
  subscription ($dashboardId: ID!) {
    dashboardUpdated(dashboardId: $dashboardId) {
      reason
      changedMetrics
      dashboard { name widgets { title data { points { at value } } } }
      organization {
        name
        latestEmissionCalculation { id name latestResult { version total scope1 scope2Location scope3 } }
      }
    }
  }`;

export const createCalculation = /* GraphQL */ `
  mutation ($input: EmissionCalculationInput!) { createEmissionCalculation(input: $input) { id name status } }`;

export const recordInstrument = /* GraphQL */ `
  mutation ($calculationId: ID!, $input: ContractualInstrumentInput!) {
    recordContractualInstrument(calculationId: $calculationId, input: $input) { id }
  }`;

export const importActivities = /* GraphQL */ `
  mutation ($calculationId: ID!, $fileName: String!, $content: Base64!) {
    importEmissionActivities(calculationId: $calculationId, fileName: $fileName, content: $content) { id }
  }`;

export const readImport = /* GraphQL */ `
  query ($id: ID!) {
    activityImport(id: $id) { status rowsTotal rowsDone rowsFailed rowErrors { row column message } result { id } }
  }`;

export const readResult = /* GraphQL */ `
  query ($id: ID!) {
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
  }`;
