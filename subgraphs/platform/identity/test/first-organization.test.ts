import { createVerifier, tesseraIssuer } from "@tessera/access";
import { startSubgraph, type TestSubgraph } from "@tessera/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import identity from "../src/index.js";

let subgraph: TestSubgraph;
beforeAll(async () => {
  subgraph = await startSubgraph(identity);
});
afterAll(() => subgraph.close());

const register = `mutation ($input: CreateOrganizationInput!, $owner: NewPersonInput!) {
  registerFirstOrganization(input: $input, owner: $owner) { accessToken }
}`;
const variables = {
  input: { name: "First & Co", timeZone: "Europe/Paris" },
  owner: { name: "Mina Rossi", email: "mina@first.example.org", password: "seven green bottles" },
};

describe("a fresh installation", () => {
  test("is entered by one of two who register at the same moment, and by nobody afterwards", async () => {
    const other = { ...variables, owner: { ...variables.owner, email: "other@first.example.org" } };
    const results = await Promise.all([variables, other].map((each) => subgraph.as(null).run(register, each)));
    const codes = results.map(({ errors }) => errors?.[0]?.extensions?.code ?? "registered").sort();
    expect(codes).toEqual(["REGISTRATION_CLOSED", "registered"]);
    expect((await subgraph.as(null).error(register, other)).code).toBe("REGISTRATION_CLOSED");
    const rows = await subgraph.runtime.database.admin`select id from identity.organizations`;
    expect(rows).toHaveLength(1);
  });

  test("has one signing key, though several processes want the first at the same moment", async () => {
    const answers = await Promise.all(Array.from({ length: 5 }, () => subgraph.as(null).data("{ jsonWebKeySet }")));
    expect(new Set(answers.map(({ jsonWebKeySet }) => jsonWebKeySet.keys[0].kid)).size).toBe(1);
  });

  test("gives its first token to the owner", async () => {
    const login =
      "mutation ($email: String!, $password: String!) { login(email: $email, password: $password) { accessToken } }";
    const emails = ["mina@first.example.org", "other@first.example.org"];
    const results = await Promise.all(
      emails.map((email) => subgraph.as(null).run(login, { email, password: variables.owner.password })),
    );
    const data = results.find(({ errors }) => !errors)?.data as { login: { accessToken: string } };
    const keys = async () => (await subgraph.as(null).data("{ jsonWebKeySet }")).jsonWebKeySet;
    const actor = await createVerifier({ issuers: [tesseraIssuer({ keys })] }).verify(data.login.accessToken);
    expect(actor.roles).toEqual(["owner"]);
  });
});
