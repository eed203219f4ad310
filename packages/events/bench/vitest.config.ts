import { mergeConfig } from "vitest/config";
import shared from "../../../vitest.shared.js";

const base = mergeConfig(shared, {});
export default { ...base, test: { ...base.test, include: ["bench/*.bench.ts"], testTimeout: 120_000 } };
