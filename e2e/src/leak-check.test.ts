import { expect, test } from "vitest";
import { type GivenBack, LeakCheck } from "./leak-check.js";
import { secretsIn } from "./secrets.js";

const project = "01900000-0004-7000-8000-000000000002";
const site = "01900000-0005-7000-8000-000000000002";
const theirs = secretsIn({ project, site, name: "Fresno well 3, deep", key: "water.withdrawal", reading: 1204417.5 });

const membership = "01900000-0006-7000-8000-000000000001";
const own = secretsIn({ membership });

const givenBack: Record<string, GivenBack> = {
  "Metric.key": { by: ["key"] },
  "StoredEvent.payload.metricKeys": { by: ["key"], stored: true },
  "Membership.projects": { by: ["projectIds"], stored: true },
};
const check = () => new LeakCheck(theirs, own, givenBack);
const shown = (a0: unknown, errors?: object[]) =>
  ({ status: 200, data: { a0 }, ...(errors ? { errors } : {}) }) as never;

const metric = (field: object) => ({ __typename: "Metric", key: "water.withdrawal", ...field });
const askMetric = '{ a0: metric(key: "water.withdrawal") { ...Shown } }\nfragment Shown on Metric { key name }';

test("an answer that shows what its call was given, in the field for it, leaks nothing", () => {
  const one = check();
  expect(one.find(shown(metric({ name: "Water", value: "17.25" })), askMetric)).toEqual([]);
  expect([...one.used]).toEqual(["Metric.key"]);
});

test.each<[string, unknown, string[]]>([
  ["another tenant's name", metric({ name: "Fresno well 3, deep" }), ["Fresno well 3, deep"]],
  ["another tenant's figure", metric({ latest: { __typename: "Point", value: 1204417.5 } }), ["1204417.5"]],
  ["an id nobody has given", metric({ id: site }), [site]],
  ["an id inside of a file", metric({ file: Buffer.from(`site,${site},5\n`).toString("base64") }), [site]],
  ["an id as a name in JSON", metric({ payload: { [site]: 1 } }), [site]],
])("%s is found beside what was given", (_, answer, leaks) => {
  expect(check().find(shown(answer), askMetric)).toEqual(leaks);
});

test.each<[string, unknown]>([
  ["another field", { __typename: "Metric", key: "x", name: "water.withdrawal" }],
  ["another type", { __typename: "Cube", key: "water.withdrawal" }],
  ["a field of what is in the field", { __typename: "Metric", key: { inner: "water.withdrawal" } }],
  ["a longer text", metric({ key: "water.withdrawal of others" })],
])("what was given is found in %s", (_, answer) => {
  expect(check().find(shown(answer), askMetric)).toEqual(["water.withdrawal"]);
});

test("the id of a thing is theirs even if it was asked for", () => {
  const ask = `{ a0: site(id: "${site}") { id } }`;
  expect(check().find(shown({ __typename: "EmissionSite", id: site, count: 3 }), ask)).toEqual([site]);
});

test("what was given in another argument or another call is found", () => {
  expect(check().find(shown(metric({})), '{ a0: metric(name: "water.withdrawal") { key } }')).toEqual([
    "water.withdrawal",
  ]);
  const two = '{ a0: metric(key: "other") { key } a1: metric(key: "water.withdrawal") { key } }';
  expect(check().find(shown(metric({})), two)).toEqual(["water.withdrawal"]);
});

const assign = `mutation { a0: assignProjects(userId: "x", projectIds: ["${project}"]) { projects } }`;
const member = { __typename: "Membership", id: membership, projects: [project] };

test("what strangers have stored is shown to them later, in that field of what is their own", () => {
  const one = check();
  expect(one.find(shown(member), "{ a0: me { projects } }")).toEqual([project]);
  expect(one.find(shown(member), assign)).toEqual([]);
  expect(one.find(shown({ __typename: "User", membership: member }), "{ a0: me { projects } }")).toEqual([]);
});

test.each<[string, unknown, string[]]>([
  ["in what is not their own", { ...member, id: site }, [site, project]],
  ["in what names nobody", { ...member, id: null }, [project]],
  ["in another field", { ...member, projects: [], note: project }, [project]],
  ["beside what they have not stored", { ...member, projects: [project, site] }, [site]],
])("what strangers have stored is found %s", (_, answer, leaks) => {
  const one = check();
  one.find(shown(member), assign);
  expect(one.find(shown(answer), "{ a0: me { projects } }").sort()).toEqual(leaks.sort());
});

test("what they have given is found later where it is not stored", () => {
  const one = check();
  one.find(shown(metric({})), askMetric);
  expect(one.find(shown(metric({})), "{ a0: metrics { key } }")).toEqual(["water.withdrawal"]);
  const event = { __typename: "StoredEvent", by: membership, payload: { metricKeys: ["water.withdrawal"] } };
  expect(one.find(shown(event), "{ a0: events { payload } }")).toEqual([]);
  const other = { ...event, payload: { dashboards: ["water.withdrawal"] } };
  expect(one.find(shown(other), "{ a0: events { payload } }")).toEqual(["water.withdrawal"]);
});

test("an error repeats nothing but what its own call said", () => {
  const ask = `{ a0: site(id: "${site}") { id } a1: site(id: "${project}") { id } }`;
  const error = (path: string[], message: string) => [{ message, path, extensions: { code: "NOT_FOUND" } }];
  const none = `There is no site ${site}.`;
  expect(check().find(shown(null, error(["a0"], none)), ask)).toEqual([]);
  expect(check().find(shown(null, error(["a1"], none)), ask)).toEqual([site]);
  expect(check().find(shown(null, error([], none)), ask)).toEqual([site]);
  expect(check().find(shown(null, error(["a0"], `${none} Fresno well 3, deep is.`)), ask)).toEqual([
    "Fresno well 3, deep",
  ]);
});
