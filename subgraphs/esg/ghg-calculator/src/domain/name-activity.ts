/** From the words on bills and in spreadsheets to the name factors are filed under. */

const synonyms: ReadonlyMap<string, string> = new Map(
  Object.entries({
    electricity: "electricity-grid",
    "grid-electricity": "electricity-grid",
    power: "electricity-grid",
    strom: "electricity-grid",
    gas: "natural-gas",
    "mains-gas": "natural-gas",
    erdgas: "natural-gas",
    diesel: "diesel-average-biofuel-blend",
    petrol: "petrol-average-biofuel-blend",
    benzin: "petrol-average-biofuel-blend",
    "district-heat": "heat-district",
    "district-heating": "heat-district",
    r410a: "refrigerant-r410a",
    "r-410a": "refrigerant-r410a",
    sf6: "refrigerant-sf6",
    "short-haul-flight": "flight-short-haul-economy-with-rf",
    "road-freight": "hgv-average-laden",
    "hgv-freight": "hgv-average-laden",
    "commercial-waste-to-landfill": "waste-landfill-commercial-and-industrial",
    rail: "rail-national",
    water: "water-supply",
  }),
);

/** "Natural gas" → "natural-gas"; a slug stays what it is. */
export function nameActivity(text: string): string {
  const slug = text
    .trim()
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, "-")
    .replace(/^-+|-+$/g, "");
  return synonyms.get(slug) ?? slug;
}
