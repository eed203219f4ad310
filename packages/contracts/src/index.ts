/** Event contracts as JSON Schema: what a payload may be, and whether a new contract goes with the old ones. */
export { checkSchema, type SchemaProblem } from "./check-schema.js";
export {
  type CompatibilityMode,
  checkHistory,
  compareContracts,
  compareSchemas,
  compatibilityModes,
  type HistoryVerdict,
  type Incompatibility,
} from "./compatibility.js";
export { ContractError, type ContractErrorCode } from "./errors.js";
export { type ContractSchemas, type JsonSchema, jsonSchemaOf, schemasOf } from "./json-schema.js";
export { type PayloadProblem, type PayloadVerdict, validate } from "./validate.js";
