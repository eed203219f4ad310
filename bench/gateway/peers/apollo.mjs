/** @apollo/server with @apollo/gateway, as their documentation starts them: `node apollo.mjs PORT SUPERGRAPH` */
import { readFileSync } from "node:fs";
import { ApolloGateway } from "@apollo/gateway";
import { ApolloServer } from "@apollo/server";
import { startStandaloneServer } from "@apollo/server/standalone";

const [port, supergraph] = process.argv.slice(2);
const gateway = new ApolloGateway({ supergraphSdl: readFileSync(supergraph, "utf8") });
const server = new ApolloServer({ gateway, introspection: false });
await startStandaloneServer(server, { listen: { port: Number(port), host: "127.0.0.1" } });
