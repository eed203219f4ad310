/** Places where the demo organizations work. `region` decides which grid and which factors apply. */
import type { OrganizationKey } from "./organizations.js";

export interface DemoSite {
  readonly id: string;
  readonly organization: OrganizationKey;
  readonly name: string;
  readonly kind: string;
  /** ISO 3166-1 alpha-2. */
  readonly country: string;
  /** ISO 3166-2 subdivision. */
  readonly region: string;
  /** eGRID subregion, for sites in the United States. */
  readonly gridRegion?: string;
}

const siteId = (number: number): string => `01900000-0002-7000-8000-${number.toString(16).padStart(12, "0")}`;

export const sites = {
  leedsPlant: {
    id: siteId(1),
    organization: "thistlemoor",
    name: "Leeds plant",
    kind: "Manufacturing",
    country: "GB",
    region: "GB-LDS",
  },
  bristolDepot: {
    id: siteId(2),
    organization: "thistlemoor",
    name: "Bristol depot",
    kind: "Warehouse",
    country: "GB",
    region: "GB-BST",
  },
  londonOffice: {
    id: siteId(3),
    organization: "thistlemoor",
    name: "London office",
    kind: "Office",
    country: "GB",
    region: "GB-LND",
  },
  fresnoPlant: {
    id: siteId(4),
    organization: "pinehollow",
    name: "Fresno plant",
    kind: "Manufacturing",
    country: "US",
    region: "US-CA",
    gridRegion: "CAMX",
  },
  portlandDepot: {
    id: siteId(5),
    organization: "pinehollow",
    name: "Portland depot",
    kind: "Warehouse",
    country: "US",
    region: "US-OR",
    gridRegion: "NWPP",
  },
  ardenfoldBridge: {
    id: siteId(6),
    organization: "ardenfold",
    name: "Ardenfold river bridge",
    kind: "Construction site",
    country: "IN",
    region: "IN-MH",
  },
  alderHouse: {
    id: siteId(7),
    organization: "willowmarsh",
    name: "Alder House",
    kind: "Care home",
    country: "GB",
    region: "GB-DEV",
  },
  rowanHouse: {
    id: siteId(8),
    organization: "willowmarsh",
    name: "Rowan House",
    kind: "Care home",
    country: "GB",
    region: "GB-SOM",
  },
} as const satisfies Record<string, DemoSite>;

export type SiteKey = keyof typeof sites;
