/** How bills, logs and publishers write units. Names are compared as lower-case letters and digits, singular. */

const names: Readonly<Record<string, string>> = {
  J: "j joule",
  MJ: "mj megajoule",
  GJ: "gj gigajoule",
  TJ: "tj terajoule",
  kWh: "kwh kwhr kilowatthour",
  MWh: "mwh mwhr megawatthour",
  GWh: "gwh gwhr gigawatthour",
  Btu: "btu britishthermalunit",
  kBtu: "kbtu thousandbtu",
  mmBtu: "mmbtu millionbtu dth dekatherm decatherm",
  therm: "therm thm ustherm",
  toe: "toe tonneofoilequivalent",
  millilitre: "ml millilitre milliliter",
  litre: "l ltr litre liter",
  m3: "m3 cubicmetre cubicmeter cbm cum",
  million_litre: "millionlitre millionliter megalitre megaliter",
  us_gallon: "usgal usgallon galus gallonus usliquidgallon",
  uk_gallon: "ukgal ukgallon galuk gallonuk imperialgallon impgal",
  us_barrel: "bbl usbarrel oilbarrel",
  ft3: "ft3 cf cft cuft cubicfoot cubicfeet scf standardcubicfoot standardcubicfeet",
  ccf: "ccf hcf hundredcubicfeet",
  mcf: "mcf thousandcubicfeet",
  g: "g gram gramme",
  kg: "kg kgs kilo kilogram kilogramme",
  t: "t te tonne metricton metrictonne",
  lb: "lb lbs poundmass",
  short_ton: "shortton uston",
  long_ton: "longton imperialton ukton",
  m: "metre meter",
  km: "km kilometre kilometer vkm vehiclekm vehiclekilometre vehiclekilometer",
  mile: "mi mile vehiclemile",
  nautical_mile: "nmi nauticalmile",
  passenger_km: "pkm passengerkm passengerkilometre passengerkilometer personkm",
  passenger_mile: "pmi passengermi passengermile personmile",
  kg_km: "kgkm kilogramkm",
  tonne_km: "tkm tonnekm tonnekilometre tonnekilometer metrictonkm",
  tonne_mile: "tonnemile tonnemi metrictonmile",
  short_ton_mile: "shorttonmile shorttonmi ustonmile",
  room_night: "roomnight roompernight hotelnight roomnt",
  hour: "h hr hour workinghour ftehour fteworkinghour",
  m2: "m2 sqm squaremetre squaremeter",
  ft2: "ft2 sqft squarefoot squarefeet",
  hectare: "ha hectare",
  GBP: "£ poundsterling",
  EUR: "€ euro",
  USD: "us$ usdollar",
};

/** Name → unit code. */
export const unitNames: ReadonlyMap<string, string> = new Map(
  Object.entries(names).flatMap(([unit, spellings]) =>
    [unit.toLowerCase().replaceAll("_", ""), ...spellings.split(" ")].map((spelling) => [spelling, unit] as const),
  ),
);

/** Texts whose case decides: the unit, or null for one that must not be read as its capital twin. */
export const exactTexts: ReadonlyMap<string, string | null> = new Map(
  Object.entries({
    ML: "million_litre",
    ml: "millilitre",
    mL: "millilitre",
    mWh: null,
    mJ: null,
    MT: null,
    Mt: null,
    T: null,
    M: null,
  }),
);

/** Texts with more than one meaning, as written or as letters → the codes to choose from. */
export const ambiguousTexts: ReadonlyMap<string, readonly string[]> = new Map(
  Object.entries({
    gal: ["us_gallon", "uk_gallon"],
    gals: ["us_gallon", "uk_gallon"],
    gallon: ["us_gallon", "uk_gallon"],
    gallons: ["us_gallon", "uk_gallon"],
    ton: ["t (1,000 kg)", "short_ton (2,000 lb)", "long_ton (2,240 lb)"],
    tons: ["t (1,000 kg)", "short_ton (2,000 lb)", "long_ton (2,240 lb)"],
    T: ["t (1,000 kg)", "short_ton (2,000 lb)", "long_ton (2,240 lb)"],
    MT: ["t (1,000 kg)", "a million tonnes"],
    Mt: ["t (1,000 kg)", "a million tonnes"],
    mWh: ["MWh (megawatt hours)", "milliwatt hours"],
    mJ: ["MJ (megajoules)", "millijoules"],
    mbtu: ["kBtu (a thousand Btu)", "mmBtu (a million Btu)"],
    tonmile: ["short_ton_mile", "tonne_mile"],
    tonmiles: ["short_ton_mile", "tonne_mile"],
    tonkm: ["tonne_km", "short ton × km: convert it to tonne_km"],
    pound: ["lb", "GBP"],
    pounds: ["lb", "GBP"],
    barrel: ["us_barrel (42 US gallons)", "another barrel: convert it to litre"],
    barrels: ["us_barrel (42 US gallons)", "another barrel: convert it to litre"],
    $: ["USD", "CAD", "AUD"],
  }),
);
