/** Coded errors of the calculator. */
import { defineErrors } from "@tessera/subgraph";

export const errors = defineErrors("ghg-calculator", {
  UNKNOWN_UNIT:
    "“{unit}” is not a unit known here. Use a code such as kWh, m3, litre, us_gallon, kg, t, km, tonne_km or a currency code.",
  AMBIGUOUS_UNIT: "“{unit}” can mean {meanings}: write which one.",
  UNIT_KINDS_DIFFER: "{from} ({fromKind}) cannot be converted to {to} ({toKind}).",
  INVALID_QUANTITY: "“{quantity}” is not a finite decimal number.",
  FACTOR_NOT_FOUND: "No factor for {activity} per {unit} in {region} on {date}. {hint}",
  FACTOR_AMBIGUOUS: "More than one factor fits {activity} per {unit}: say {distinguish}.",
  FACTOR_NOT_PUBLISHED: "The publisher of {key} leaves the value blank: choose another factor.",
  GWP_UNKNOWN: "No 100-year global warming potential of {gas} in {basis}.",
  REFERENCE_PACK_INVALID: "Reference pack {pack} is damaged: {reason}",
  REFERENCE_PACK_CHANGED:
    "Reference pack {pack} {version} differs from the one loaded earlier under the same version: give the new content a new version.",

  CALCULATION_NOT_FOUND: "There is no calculation {id}.",
  CALCULATION_CLOSED: "Calculation {id} is {status}: revise it to get a new draft.",
  CALCULATION_NOT_LOCKED: "Calculation {id} is {status}: only a locked one can be approved.",
  CALCULATION_NOT_CLOSED: "Calculation {id} is a draft: lock it first.",
  CALCULATION_INCOMPLETE: "{count} entries cannot be calculated: correct them first.",
  RESULT_OUTDATED: "Calculation {id} has changed since its latest result: recalculate first.",
  REVIEW_PENDING: "{count} entries wait for review: accept, correct or remove them first.",
  FOUR_EYES: "Whoever locked a calculation may not approve it: ask somebody else.",
  INVALID_PERIOD: "The last day {end} lies before the first, {start}.",
  UNKNOWN_FACTOR_SET: "There is no factor set {key}: see factorSets.",
  REVISION_EXISTS: "Calculation {id} has been revised already: work on {revision}.",

  ENTRY_NOT_FOUND: "There is no entry {id}.",
  ENTRY_OUTSIDE_PERIOD: "The days {start} to {end} lie outside of the period of the calculation.",
  NEGATIVE_QUANTITY: "A quantity cannot be negative.",
  QUANTITY_TOO_LARGE: "The quantity {quantity} is larger than anything measured: check the unit.",
  INVALID_TEXT: "{field} must have between 1 and {most} characters.",
  INVALID_DETAILS: "The method details cannot be worked with: {reason}",
  INVALID_PERCENT: "{field} must lie between 0 and {most}.",
  CATEGORY_REQUIRED: "Say which scope 3 category, 1 to 15, this belongs to.",
  UNKNOWN_CATEGORY: "A scope 3 category is a whole number from 1 to 15.",
  CURRENCY_DIFFERS: "The factor is per {factorUnit}, the entry in {unit}: give an exchange rate.",
  SITE_NOT_FOUND: "There is no site {site}.",
  SITE_EXISTS: "There is a site named {name} already.",
  FACTOR_MISSING: "There is no factor {id}.",

  INSTRUMENT_NOT_FOUND: "There is no contractual instrument {id} in this calculation.",
  INSTRUMENT_EXISTS: "Instrument {reference} is recorded in this calculation already: a certificate counts once.",
  INSTRUMENT_IN_USE: "Instrument {reference} is named by entries: change those first.",
  INSTRUMENT_AMOUNT_REQUIRED: "A certificate or contract covers a limited amount: say how many kWh.",

  FILE_EMPTY: "The file holds no rows.",
  FILE_TOO_LARGE: "The file is larger than {largest} bytes: split it.",
  FILE_FORMAT_UNKNOWN: "The file is neither CSV nor XLSX.",
  FILE_NOT_UTF8: "The file is not UTF-8 text: save it as “CSV UTF-8”.",
  FILE_MALFORMED: "The file cannot be read: {reason}",
  TOO_MANY_ROWS: "The file holds {rows} rows; at most {most} are taken at once.",
  MISSING_COLUMNS: "The file lacks the columns {columns}.",
  DOUBLED_COLUMNS: "The file has more than one column meaning the same: {columns}.",

  FACTOR_IS_PUBLISHED: "Factor {key} is published reference data and cannot be changed.",
  BASE_YEAR_NOT_SET: "No base year is set.",
  BASE_YEAR_UNKNOWN: "There is no result for {year}: give baseTonnes.",
  TARGET_NOT_FOUND: "There is no reduction target {id}.",
  INVALID_TARGET: "The target cannot be worked with: {reason}",
});
