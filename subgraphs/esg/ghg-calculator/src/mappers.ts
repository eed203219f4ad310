/** Which rows stand behind the GraphQL types; read by the code generator. */
import type { Connection } from "@tessera/database";
import type { AssessedBaseYear } from "./domain/keep-base-year.js";
import type { YearProgress } from "./domain/keep-targets.js";
import type { CalculationRow, InstrumentRow, SiteRow } from "./queries/calculations.js";
import type { EntryRow, ImportRow } from "./queries/entries.js";
import type { FactorRow, FactorSetRow } from "./queries/factors.js";
import type { BaseYearChangeRow, LineRow, ResultRow, TargetRow } from "./queries/results.js";
import type { MarketDisclosure } from "./tables.js";

type Edge<Row> = Connection<Row>["edges"][number];

export type EmissionFactorMapper = FactorRow;
export type EmissionFactorConnectionMapper = Connection<FactorRow>;
export type EmissionFactorEdgeMapper = Edge<FactorRow>;
export type FactorSetMapper = FactorSetRow;
export type EmissionSiteMapper = SiteRow;
export type EmissionCalculationMapper = CalculationRow;
export type EmissionCalculationConnectionMapper = Connection<CalculationRow>;
export type EmissionCalculationEdgeMapper = Edge<CalculationRow>;
export type EmissionResultMapper = ResultRow;
export type Scope3CategoryEmissionsMapper = ResultRow["scope3Categories"][number];
export type MarketBasedDisclosureMapper = MarketDisclosure;
export type EmissionResultLineMapper = LineRow;
export type EmissionResultLineConnectionMapper = Connection<LineRow>;
export type EmissionResultLineEdgeMapper = Edge<LineRow>;
export type EmissionEntryMapper = EntryRow;
export type EmissionEntryConnectionMapper = Connection<EntryRow>;
export type EmissionEntryEdgeMapper = Edge<EntryRow>;
export type ContractualInstrumentMapper = InstrumentRow;
export type ActivityImportMapper = ImportRow;
/** As the event says it; the import itself is read when it is asked for. */
export type ActivityImportProgressMapper = { importId: string; status: string; rowsDone: number; rowsTotal: number };
export type EmissionsBaseYearMapper = AssessedBaseYear;
export type BaseYearChangeMapper = BaseYearChangeRow;
export type ReductionTargetMapper = TargetRow;
export type ReductionProgressMapper = YearProgress;
