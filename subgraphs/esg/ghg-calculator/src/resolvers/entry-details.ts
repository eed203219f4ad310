/** Details as the API gives them, without the methods that were sent as null. */
import { detailKinds, type EntryDetails } from "../domain/derive-activity.js";
import type { EntryDetailsInput, InputMaybe } from "../generated/types.js";

export function detailsOf(input: InputMaybe<EntryDetailsInput> | undefined): EntryDetails {
  const given = detailKinds.filter((kind) => input?.[kind] != null);
  return Object.fromEntries(given.map((kind) => [kind, input?.[kind]]));
}
