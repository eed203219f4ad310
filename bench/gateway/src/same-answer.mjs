/** Says where two answers differ: values, and the order of keys, which the GraphQL specification fixes. */

/** @returns null when they are the same, else where and how they differ. */
export function difference(actual, expected, path = "") {
  if (Array.isArray(expected)) return differenceOfLists(actual, expected, path);
  if (expected !== null && typeof expected === "object") return differenceOfObjects(actual, expected, path);
  return Object.is(actual, expected) ? null : `${path}: ${brief(actual)} instead of ${brief(expected)}`;
}

function differenceOfLists(actual, expected, path) {
  if (!Array.isArray(actual)) return `${path}: ${brief(actual)} instead of a list`;
  if (actual.length !== expected.length) return `${path}: ${actual.length} entries instead of ${expected.length}`;
  for (const [index, entry] of expected.entries()) {
    const found = difference(actual[index], entry, `${path}.${index}`);
    if (found) return found;
  }
  return null;
}

function differenceOfObjects(actual, expected, path) {
  if (actual === null || typeof actual !== "object") return `${path}: ${brief(actual)} instead of an object`;
  const keys = Object.keys(expected);
  if (Object.keys(actual).join() !== keys.join()) return `${path}: keys ${Object.keys(actual)} instead of ${keys}`;
  for (const key of keys) {
    const found = difference(actual[key], expected[key], `${path}.${key}`);
    if (found) return found;
  }
  return null;
}

const brief = (value) => (JSON.stringify(value) ?? "nothing").slice(0, 60);

/** @returns null, or what is wrong with the text of an answer. */
export function problemOf({ status = 200, text }, expected) {
  if (status !== 200) return `status ${status}: ${text.slice(0, 200)}`;
  const { data, errors } = JSON.parse(text);
  if (errors) return `errors: ${JSON.stringify(errors).slice(0, 200)}`;
  return difference(data, expected, "data");
}
