/** The people of the demo world, and where each of them works in which role. */
import type { OrganizationKey } from "./organizations.js";

/** Everybody's password in the demo world. It is public: never load demo data where strangers can log in. */
export const demoPassword = "tessera-demo-password";

export interface DemoMembership {
  readonly organization: OrganizationKey;
  /** Key of a built-in role in `@tessera/shared-types`. */
  readonly role: "owner" | "administrator" | "sustainability-manager" | "analyst" | "viewer";
}

export interface DemoPerson {
  readonly id: string;
  readonly name: string;
  readonly email: string;
  /** The first one is where a login lands. */
  readonly memberships: readonly [DemoMembership, ...DemoMembership[]];
}

const personId = (number: number): string => `01900000-0001-7000-8000-${number.toString(16).padStart(12, "0")}`;

const thistlemoor = "thistlemoor" as const;
const pinehollow = "pinehollow" as const;

export const people = {
  imogen: {
    id: personId(1),
    name: "Imogen Hartwell",
    email: "imogen.hartwell@thistlemoor.example.org",
    memberships: [{ organization: thistlemoor, role: "owner" }],
  },
  tobias: {
    id: personId(2),
    name: "Tobias Renshaw",
    email: "tobias.renshaw@thistlemoor.example.org",
    memberships: [{ organization: thistlemoor, role: "administrator" }],
  },
  /** Tells the main story: she keeps the emission inventory. */
  priya: {
    id: personId(3),
    name: "Priya Nandakumar",
    email: "priya.nandakumar@thistlemoor.example.org",
    memberships: [{ organization: thistlemoor, role: "sustainability-manager" }],
  },
  /** A consultant who works for two organizations that must not see each other's data. */
  mateo: {
    id: personId(4),
    name: "Mateo Villanueva",
    email: "mateo.villanueva@consulting.example.org",
    memberships: [
      { organization: thistlemoor, role: "analyst" },
      { organization: pinehollow, role: "sustainability-manager" },
    ],
  },
  freya: {
    id: personId(5),
    name: "Freya Lindqvist",
    email: "freya.lindqvist@thistlemoor.example.org",
    memberships: [{ organization: thistlemoor, role: "viewer" }],
  },
  nils: {
    id: personId(11),
    name: "Nils Aldercott",
    email: "nils.aldercott@thistlemoor.example.org",
    memberships: [{ organization: thistlemoor, role: "analyst" }],
  },
  delia: {
    id: personId(6),
    name: "Delia Whitcombe",
    email: "delia.whitcombe@pinehollow.example.org",
    memberships: [{ organization: pinehollow, role: "owner" }],
  },
  jonah: {
    id: personId(7),
    name: "Jonah Mercado",
    email: "jonah.mercado@pinehollow.example.org",
    memberships: [{ organization: pinehollow, role: "viewer" }],
  },
  kavita: {
    id: personId(8),
    name: "Kavita Deshmukh",
    email: "kavita.deshmukh@ardenfold.example.org",
    memberships: [{ organization: "ardenfold", role: "owner" }],
  },
  owen: {
    id: personId(9),
    name: "Owen Prothero",
    email: "owen.prothero@willowmarsh.example.org",
    memberships: [{ organization: "willowmarsh", role: "owner" }],
  },
  sabine: {
    id: personId(10),
    name: "Sabine Achterberg",
    email: "sabine.achterberg@lanternquay.example.org",
    memberships: [{ organization: "lanternquay", role: "owner" }],
  },
} as const satisfies Record<string, DemoPerson>;

export type PersonKey = keyof typeof people;
