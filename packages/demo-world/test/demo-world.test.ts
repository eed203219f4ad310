import { builtInRoles } from "@tessera/shared-types";
import { expect, test } from "vitest";
import {
  carbonDashboardId,
  type DemoPerson,
  demoPassword,
  organizations,
  people,
  projects,
  sites,
} from "../src/index.js";

const everybody: DemoPerson[] = Object.values(people);
const uuidV7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

test("every id is a UUIDv7 and belongs to one thing only", () => {
  const places = [...Object.values(sites), ...Object.values(projects)];
  const things = [...Object.values(organizations), ...everybody, ...places, { id: carbonDashboardId }];
  const ids = things.map((thing) => thing.id);
  expect(ids.filter((id) => !uuidV7.test(id))).toEqual([]);
  expect(new Set(ids).size).toBe(ids.length);
});

test("every membership names a built-in role, and the main tenant has each of them", () => {
  const known = builtInRoles.map((role) => role.key).sort();
  const memberships = everybody.flatMap((person) => person.memberships);
  expect(memberships.filter((membership) => !known.includes(membership.role))).toEqual([]);
  const atMain = memberships.filter((membership) => membership.organization === "thistlemoor");
  expect([...new Set(atMain.map((membership) => membership.role))].sort()).toEqual(known);
});

test("each built-in role is also held at the main tenant by somebody who works nowhere else", () => {
  const here = everybody.filter(
    ({ memberships }) => memberships.length === 1 && memberships[0].organization === "thistlemoor",
  );
  expect(here.map(({ memberships }) => memberships[0].role).sort()).toEqual(
    builtInRoles.map((role) => role.key).sort(),
  );
});

test("somebody works for two organizations, so switching tenants can be shown", () => {
  expect(everybody.filter((person) => person.memberships.length > 1).map((person) => person.name)).toEqual([
    people.mateo.name,
  ]);
});

test("addresses are in a domain reserved for examples, and the password passes a 12 character rule", () => {
  expect(everybody.filter((person) => !person.email.endsWith(".example.org"))).toEqual([]);
  expect(demoPassword.length).toBeGreaterThanOrEqual(12);
});
