/** What is measured, and how big. */
import { fileURLToPath } from "node:url";

export const folder = fileURLToPath(new URL("..", import.meta.url));
const program = (name) => new URL(`../subjects/${name}.mjs`, import.meta.url).href;
const tessera = program("tessera");

export const configurations = [
  { id: "postgres", label: "**Tessera**, PostgreSQL", program: tessera, settings: { redisUrl: undefined } },
  {
    id: "postgres-together",
    label: "**Tessera**, PostgreSQL, `reactTogether`",
    program: tessera,
    settings: { redisUrl: undefined, together: true },
  },
  { id: "redis", label: "**Tessera**, Redis", program: tessera, needs: ["redis"] },
  {
    id: "redis-together",
    label: "**Tessera**, Redis, `reactTogether`",
    program: tessera,
    needs: ["redis"],
    settings: { together: true },
  },
  {
    id: "kafka",
    label: "**Tessera**, Kafka",
    program: tessera,
    needs: ["kafka"],
    settings: { kafkaBrokers: process.env.KAFKA_BROKERS },
  },
  { id: "bullmq", label: "BullMQ", program: program("bullmq"), needs: ["redis", "peers"] },
  { id: "pg-boss", label: "pg-boss, batches of 500", program: program("pg-boss"), needs: ["peers"] },
];

/** What the others are compared with, each with the peer on the same server. */
export const references = {
  redis: "bullmq",
  "redis-together": "bullmq",
  postgres: "pg-boss",
  "postgres-together": "pg-boss",
};

export const sizes = {
  full: { rate: 200, seconds: 10, published: 5_000, events: 30_000, carried: 50_000 },
  quick: { rate: 100, seconds: 3, published: 500, events: 3_000, carried: 5_000 },
};
