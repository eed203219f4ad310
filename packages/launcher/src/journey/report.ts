/** Prints what a result says, for a person to read: tonnes with three digits, every line with its factor. */
import type { Result } from "./operations.js";

/** Kilograms as a decimal text, rounded to whole ones for display. */
function tonnes(kilograms: string): string {
  const [whole = "0", fraction = "0"] = kilograms.split(".");
  const rounded = BigInt(whole) + (fraction >= "5" ? 1n : 0n);
  const digits = String(rounded).padStart(4, "0");
  return `${digits.slice(0, -3)}.${digits.slice(-3)} t`.padStart(12);
}

const row = (name: string, kilograms: string): string => `    ${name.padEnd(46)}${tonnes(kilograms)}`;

export function resultLines(result: Result): string[] {
  return [
    `  Result ${result.version}, ${result.gwpBasis}, total with the ${result.totalUses.toLowerCase()}-based figure`,
    row("Scope 1", result.scope1),
    row("Scope 2, location-based", result.scope2Location),
    row("Scope 2, market-based", result.scope2Market),
    row("Scope 3", result.scope3),
    ...result.scope3Categories.map((one) => row(`  ${one.category} ${one.name}`, one.kgCo2e)),
    row("Total of scopes 1 to 3", result.total),
    row("Apart: biogenic CO2", result.biogenicCo2),
    "  By gas",
    ...result.gases.map((one) => row(one.gas, one.kgCo2e)),
    "  Lines with their factors (kg CO2e)",
    ...result.lines.nodes.map(factorLine),
  ];
}

function factorLine(line: Result["lines"]["nodes"][number]): string {
  const what = [line.activity, line.stage, line.scope2Basis].filter(Boolean).join(" ");
  const amount = `${line.quantity} ${line.unit}`;
  const factor = `${line.kgPerUnit} per ${line.convertedUnit}`;
  const kilograms = line.stage === "BIOGENIC" ? line.biogenicKgCo2 : line.kgCo2e;
  const source = line.factorSetKey === null ? "contract" : line.factorSetKey;
  return `    ${what.padEnd(48)}${amount.padStart(22)} × ${factor.padEnd(24)}${kilograms.padStart(26)}  ${source}`;
}
