/** Real servers and throw-away databases for tests. */

export { type Child, type ChildProgram, childProgram } from "./child-program.js";
export { freePort } from "./free-port.js";
export { type Gate, gate } from "./gate.js";
export { createTestDatabase } from "./test-database.js";
export { startTestRedis, type TestRedis } from "./test-redis.js";
export { type OwnTestServer, startTestServer, type TestServer } from "./test-server.js";
