/** For `vi.mock`: what takes the place of a module that gives up on a store after a fraction of a second. */
import { vi } from "vitest";

type Windows = typeof import("../../src/protection/patient-windows.js");

/** A store that answers late counts as away; here it may answer later than in service. */
export async function patientWindows(): Promise<Windows> {
  const { takePatiently } = await vi.importActual<Windows>("../../src/protection/patient-windows.js");
  return { takePatiently: (store, { log }) => takePatiently(store, { log, patienceMs: 5_000 }) };
}
