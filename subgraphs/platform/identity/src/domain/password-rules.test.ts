import { expect, test } from "vitest";
import { normalisePassword, refuseWeakPassword } from "./password-rules.js";

const ada = { email: "ada.lovelace@analytical.example.org", name: "Ada Lovelace" };
const judge = (password: string) => () => refuseWeakPassword(password, ada);

test.each([
  "correct horse battery",
  "twelve chars",
  "ÄÖÜ ñandú 東京 перо",
  "kq7#vT2p!mZx",
  "all lower case words only",
  "tessera-demo-password",
  "my password holder is a green frog",
  "🐸🌲🚲🎻🧭🪁🥝🧩🪴🎈🛶🧶",
])("%s is accepted, whatever kinds of characters it has", (password) => {
  expect(judge(password)).not.toThrow();
});

test.each([
  ["short", "at least 12 characters"],
  ["eleven char", "at least 12 characters"],
  ["x".repeat(257), "at most 256 characters"],
  ["aaaaaaaaaaaaaaaa", "repeats"],
  ["abababababab", "repeats"],
  ["abcdefghijklmnop", "follow one another"],
  ["123456789012345", "follow one another"],
  ["password12345!", "common words"],
  ["Qwertyuiop2024", "common words"],
  ["welcome-admin-1", "common words"],
  ["AdaLovelace1815", "your own name"],
  ["lovelace.analytical", "your own name"],
])("%s is refused", (password, reason) => {
  expect(judge(password)).toThrow(reason);
});

test("the same password typed with composed and decomposed characters is one password", () => {
  expect(normalisePassword("re\u0301sume\u0301")).toBe(normalisePassword("r\u00e9sum\u00e9"));
});
