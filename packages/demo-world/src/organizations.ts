/** The tenants of the demo world. All names are invented; ids never change, so stories in any module can refer to them. */

export interface DemoOrganization {
  readonly id: string;
  /** Short name for addresses and file names. */
  readonly slug: string;
  readonly name: string;
  readonly industry: string;
  /** ISO 3166-1 alpha-2. */
  readonly country: string;
  /** ISO 4217. */
  readonly currency: string;
  /** IANA time zone. */
  readonly timeZone: string;
  readonly employees: number;
  /** Subscription tier; sets the rate limit. */
  readonly tier: "FREE" | "PRO" | "ENTERPRISE";
}

const organizationId = (number: number): string => `01900000-0000-7000-8000-${number.toString(16).padStart(12, "0")}`;

export const organizations = {
  /** The main demo tenant: a British food group that reports its emissions. */
  thistlemoor: {
    id: organizationId(1),
    slug: "thistlemoor",
    name: "Thistlemoor Foods Group",
    industry: "Food manufacturing",
    country: "GB",
    currency: "GBP",
    timeZone: "Europe/London",
    employees: 1850,
    tier: "ENTERPRISE",
  },
  /** A competitor in another country: whatever it owns must never show up at Thistlemoor. */
  pinehollow: {
    id: organizationId(2),
    slug: "pinehollow",
    name: "Pinehollow Provisions",
    industry: "Food manufacturing",
    country: "US",
    currency: "USD",
    timeZone: "America/Los_Angeles",
    employees: 920,
    tier: "PRO",
  },
  /** A public works department that plans and sanctions roads, bridges and water works. */
  ardenfold: {
    id: organizationId(3),
    slug: "ardenfold",
    name: "Ardenfold Public Works Department",
    industry: "Public works",
    country: "IN",
    currency: "INR",
    timeZone: "Asia/Kolkata",
    employees: 640,
    tier: "PRO",
  },
  /** A group of residential care homes. */
  willowmarsh: {
    id: organizationId(4),
    slug: "willowmarsh",
    name: "Willowmarsh Care Homes",
    industry: "Residential care",
    country: "GB",
    currency: "GBP",
    timeZone: "Europe/London",
    employees: 410,
    tier: "PRO",
  },
  /** A boutique that advises on mergers and acquisitions. */
  lanternquay: {
    id: organizationId(5),
    slug: "lanternquay",
    name: "Lanternquay Advisers",
    industry: "Corporate finance",
    country: "GB",
    currency: "GBP",
    timeZone: "Europe/London",
    employees: 24,
    tier: "FREE",
  },
} as const satisfies Record<string, DemoOrganization>;

export type OrganizationKey = keyof typeof organizations;
