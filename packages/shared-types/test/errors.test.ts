import { expect, test } from "vitest";
import { errorClass } from "../src/index.js";

class BakeryError extends errorClass("BakeryError", {
  OVEN_COLD: "The oven has {degrees} °C; bread needs {needed}.",
  OVEN_GONE: "There is no oven.",
}) {}

test("an error carries its code, its details, its cause, and a sentence filled from the details", () => {
  const cause = new Error("no gas");
  const error = new BakeryError("OVEN_COLD", { degrees: 0, needed: "220" }, { cause });
  expect(error).toBeInstanceOf(Error);
  expect(error).toBeInstanceOf(BakeryError);
  expect(error).toMatchObject({
    name: "BakeryError",
    code: "OVEN_COLD",
    details: { degrees: 0, needed: "220" },
    cause,
  });
  expect(error.message).toBe("The oven has 0 °C; bread needs 220.");
});

test("a sentence shows which of its details nobody gave, and needs none if it names none", () => {
  expect(new BakeryError("OVEN_COLD", { degrees: 20 }).message).toBe("The oven has 20 °C; bread needs {needed}.");
  expect(new BakeryError("OVEN_GONE")).toMatchObject({ message: "There is no oven.", details: {} });
});

test("classes of two packages are told apart", () => {
  class DairyError extends errorClass("DairyError", { MILK_SOUR: "The milk is sour." }) {}
  expect(new DairyError("MILK_SOUR")).not.toBeInstanceOf(BakeryError);
});
