import { expect, test } from "vitest";
import { readDay, readQuantity } from "./read-number.js";

const quantity = (text: string) => {
  const read = readQuantity(text);
  return "fault" in read ? read.fault : read.value.toString();
};
const day = (text: string) => {
  const read = readDay(text);
  return "fault" in read ? read.fault : read.value;
};

test.each([
  ["1234.5", "1234.5"],
  ["1,234.5", "1234.5"],
  ["1.234,5", "1234.5"],
  ["1234,5", "1234.5"],
  ["0,125", "0.125"],
  ["1,234,567", "1234567"],
  ["1.234.567", "1234567"],
  ["1 234,5", "1234.5"],
  ["1'234.50", "1234.5"],
  ["1.2E+05", "120000"],
  [".5", "0.5"],
  ["1.234", "1.234"],
])("%s is read as %s", (text, value) => expect(quantity(text)).toBe(value));

test.each([
  ["1,234", "AMBIGUOUS_NUMBER"],
  ["-5", "NEGATIVE_QUANTITY"],
  ["1e16", "QUANTITY_TOO_LARGE"],
  ["1e999", "NOT_A_NUMBER"],
  ["NaN", "NOT_A_NUMBER"],
  ["Infinity", "NOT_A_NUMBER"],
  ["", "NOT_A_NUMBER"],
  ["12,34.5", "NOT_A_NUMBER"],
  ["12 apples", "NOT_A_NUMBER"],
  ["0x10", "NOT_A_NUMBER"],
  ["=SUM(A1:A9)", "FORMULA"],
])("%s is refused as %s", (text, fault) => expect(quantity(text)).toBe(fault));

test.each([
  ["2024-01-31", "2024-01-31"],
  ["31.01.2024", "2024-01-31"],
  ["1.2.2024", "2024-02-01"],
  ["31/01/2024", "2024-01-31"],
  ["01/31/2024", "2024-01-31"],
  ["05/05/2024", "2024-05-05"],
])("the day %s is read as %s", (text, value) => expect(day(text)).toBe(value));

test.each([
  ["01/02/2024", "AMBIGUOUS_DATE"],
  ["2024-02-30", "NOT_A_DATE"],
  ["31.13.2024", "NOT_A_DATE"],
  ["yesterday", "NOT_A_DATE"],
  ["31/01/24", "NOT_A_DATE"],
])("the day %s is refused as %s", (text, fault) => expect(day(text)).toBe(fault));
