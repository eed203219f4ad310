/** Runs Vitest over some of the packages and counts what it reports. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { run } from "./steps.mjs";

/** @returns `{ passed, failed, problems }`; a run that broke outside of any test counts as one failure. */
export async function runVitest(projects, env) {
  const folder = mkdtempSync(join(tmpdir(), "tessera-tests-"));
  const report = join(folder, "report.json");
  const filters = projects.map((project) => `--project=${project}`);
  const args = ["run", ...filters, "--reporter=dot", "--reporter=json", `--outputFile.json=${report}`];
  const { code } = await run("vitest", args, { show: true, env });
  const counted = count(report, code);
  rmSync(folder, { recursive: true, force: true });
  return counted;
}

function count(report, code) {
  let result;
  try {
    result = JSON.parse(readFileSync(report, "utf8"));
  } catch {
    return { passed: 0, failed: 1, problems: ["Vitest ended without a report; its output above says why."] };
  }
  const { numPassedTests: passed, numFailedTests, numPendingTests, numTodoTests } = result;
  const skipped = numPendingTests + numTodoTests;
  const problems = skipped > 0 ? [`${skipped} tests were skipped; every test has to run.`] : [];
  const brokenFiles = result.testResults.filter(
    (file) => file.status === "failed" && file.assertionResults.length === 0,
  );
  problems.push(...brokenFiles.map((file) => `${file.name} could not be loaded: ${file.message.split("\n")[0]}`));
  const failed = numFailedTests + brokenFiles.length + (skipped > 0 ? 1 : 0);
  if (code !== 0 && failed === 0)
    return { passed, failed: 1, problems: ["An error outside of any test; the output above says where."] };
  return { passed, failed, problems };
}
