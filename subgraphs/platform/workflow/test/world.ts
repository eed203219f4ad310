/** Organizations and the people the tests act as. */
import { randomUUID } from "node:crypto";
import { type Person, startSubgraph } from "@tessera/testkit";
import workflow from "../src/index.js";
import { staff } from "./staff/staff.js";

export interface Place {
  readonly tenantId: string;
  readonly owner: Person;
  readonly manager: Person;
  readonly analyst: Person;
  readonly viewer: Person;
}

/** An organization of its own for each test: nothing is shared between them but the database. */
export function newPlace(): Place {
  const tenantId = randomUUID();
  const person = (role: string): Person => ({ id: randomUUID(), tenantId, roles: [role] });
  return {
    tenantId,
    owner: person("owner"),
    manager: person("sustainability-manager"),
    analyst: person("analyst"),
    viewer: person("viewer"),
  };
}

/** Somebody else of the same role. */
export const another = (person: Person): Person => ({ ...person, id: randomUUID() });

export const start = () => startSubgraph(workflow, { beside: [staff] });
