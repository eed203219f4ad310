import { expect, test } from "vitest";
import { LaunchProblem } from "../src/problem.js";
import { readSettings } from "../src/settings.js";

const root = "/srv/tessera";
const read = (args: string[] = [], env: NodeJS.ProcessEnv = {}) => readSettings(args, env, root);

test("without options everything runs in one process on port 4000, with the demo world, data under .tessera", () => {
  expect(read()).toEqual({
    root,
    topology: "single",
    port: 4000,
    dataDir: "/srv/tessera/.tessera",
    development: true,
    demo: true,
    subgraphPorts: "fixed",
  });
});

test("an option on the command line wins over the environment", () => {
  const settings = read(["--port", "4100", "--data=elsewhere"], { PORT: "4200", TESSERA_DATA_DIR: "/data" });
  expect(settings).toMatchObject({ port: 4100, dataDir: "/srv/tessera/elsewhere" });
  expect(read([], { PORT: "4200", TESSERA_DATA_DIR: "/data" })).toMatchObject({ port: 4200, dataDir: "/data" });
});

test("a configuration of the router is a file, named by option or variable", () => {
  expect(read(["--router", "router.yaml"]).routerConfig).toBe("/srv/tessera/router.yaml");
  expect(read(["--router=own.yaml"], { TESSERA_ROUTER_CONFIG: "/etc/router.yaml" }).routerConfig).toBe(
    "/srv/tessera/own.yaml",
  );
  expect(read([], { TESSERA_ROUTER_CONFIG: "/etc/router.yaml" }).routerConfig).toBe("/etc/router.yaml");
  expect(() => read(["--router"])).toThrow("--router needs the name of a file");
});

test("a port is a whole number up to 65535, anything else is refused by name", () => {
  expect(read([], { PORT: "65535" }).port).toBe(65_535);
  expect(read(["--port", "0"]).port).toBe(0);
  for (const wrong of ["65536", "-1", "4000.5", "http", "0x10", "4e3"]) {
    expect(() => read([], { PORT: wrong })).toThrow(`PORT is "${wrong}"`);
  }
  expect(() => read(["--port"])).toThrow(LaunchProblem);
});

test("addresses have to be of the right kind", () => {
  const env = {
    DATABASE_URL: "postgres://u:p@db/tessera",
    REDIS_URL: "rediss://cache:6380",
    KAFKA_BROKERS: "a:9092,b:9092",
  };
  const { DATABASE_URL: databaseUrl, REDIS_URL: redisUrl, KAFKA_BROKERS: kafkaBrokers } = env;
  expect(read([], env)).toMatchObject({ databaseUrl, redisUrl, kafkaBrokers });
  expect(() => read([], { DATABASE_URL: "mysql://db" })).toThrow("DATABASE_URL");
  expect(() => read([], { REDIS_URL: "cache:6380" })).toThrow("REDIS_URL");
});

test("an address that is refused is not repeated, since it may hold a password", () => {
  expect(() => read([], { DATABASE_URL: "mysql://root:hunter2@db" })).toThrow(/^((?!hunter2).)*$/);
});

test("a secret is 32 bytes or more in hexadecimal", () => {
  expect(read([], { TESSERA_SECRET: "ab".repeat(32) }).secret).toEqual(Buffer.from("ab".repeat(32), "hex"));
  expect(() => read([], { TESSERA_SECRET: "ab".repeat(31) })).toThrow("64 or more hexadecimal digits");
  expect(() => read([], { TESSERA_SECRET: "x".repeat(64) })).toThrow("64 or more hexadecimal digits");
});

test("an OpenID Connect provider is trusted only with an audience and an organization", () => {
  const env = { OIDC_ISSUER: "https://id.example.org/realms/a", OIDC_AUDIENCE: "tessera", OIDC_TENANT: "01900000" };
  expect(read([], env).oidc).toEqual({ issuer: env.OIDC_ISSUER, audience: "tessera", tenant: "01900000" });
  expect(read().oidc).toBeUndefined();
  expect(() => read([], { ...env, OIDC_TENANT: "" })).toThrow("needs OIDC_AUDIENCE and OIDC_TENANT");
  expect(() => read([], { ...env, OIDC_ISSUER: "id" })).toThrow("OIDC_ISSUER has to be the address");
});

test("production has neither explorer nor demo world", () => {
  expect(read(["--production"])).toMatchObject({ development: false, demo: false });
  expect(read([], { NODE_ENV: "production" })).toMatchObject({ development: false, demo: false });
});

test("an unknown option is refused with the way to the help", () => {
  expect(() => read(["--prot", "1"])).toThrow('There is no option "--prot". See: npm start -- --help');
});
