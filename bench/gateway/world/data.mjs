/**
 * What the four subgraphs know. Sizes follow the public graphql-gateways-benchmark: six users who have all written the
 * same two reviews, nine products with eleven reviews between them, texts of five lengths. Products after the ninth
 * exist for long lists only and have no reviews.
 */
import { pseudoRandom } from "./pseudo-random.mjs";

const people = [
  ["Ada Lindqvist", "adali"],
  ["Noor Rahman", "noorrahman"],
  ["Tomás Ferreira", "tomasferreira"],
  ["Mei Nakamura", "meinaka"],
  ["Ivan Petrov", "ivanpetrov"],
  ["Zoë Achieng", "zachie"],
];

export const users = people.map(([name, username], index) => ({
  id: String(index + 1),
  name,
  username,
  birthday: 631_152_000 + index * 31_557_600,
}));

/** Name, price, weight. */
const catalogue = [
  ["Desk", 899, 100],
  ["Bench", 1_299, 1_000],
  ["Carafe", 15, 20],
  ["Stool", 499, 100],
  ["Radio", 1_299, 1_000],
  ["Mirror", 6_999, 300],
  ["Stove", 3_999, 2_000],
  ["Freezer", 100_000, 6_000],
  ["Bed", 9_999, 800],
];
const catalogueSize = 10_000;

export const products = Array.from({ length: catalogueSize }, (_, index) => {
  const [name, price, weight] = catalogue[index] ?? [
    `Part ${index + 1}`,
    10 + ((index * 37) % 2_500),
    1 + ((index * 13) % 900),
  ];
  return { upc: String(index + 1), name, price, weight };
});

const inStockFirst = [true, false, false, false, true, true, true, false, true];

export const stock = new Map(products.map(({ upc }, index) => [upc, inStockFirst[index] ?? index % 3 === 0]));

const words =
  "amber basin cedar delta ember field grove haven inlet jetty knoll ledge meadow north orchard pine quarry".split(" ");

/** Sentences of exactly `length` characters. */
function prose(length, seed) {
  const random = pseudoRandom(seed);
  let text = "";
  while (text.length < length) {
    const word = words[Math.floor(random() * words.length)];
    const startsSentence = text === "" || text.endsWith(".");
    text += startsSentence ? `${text && " "}${word[0].toUpperCase()}${word.slice(1)}` : ` ${word}`;
    if (random() < 0.12) text += ".";
  }
  return `${text.slice(0, length - 1).trimEnd()}${".".repeat(length)}`.slice(0, length);
}

/** Product and text length of each review. */
const reviewed = [
  ["1", 445],
  ["1", 289],
  ["1", 275],
  ["1", 143],
  ["2", 445],
  ["2", 289],
  ["2", 275],
  ["2", 143],
  ["3", 143],
  ["4", 143],
  ["4", 844],
];

export const reviews = reviewed.map(([upc, length], index) => ({
  id: String(index + 1),
  body: prose(length, index + 1),
  upc,
}));
