/**
 * One server of the chaos run, as an operator starts it, but with the supergraph of the run. It ends with the program that
 * started it: its standard input is a pipe that the system closes then.
 */
import { launch } from "@tessera/launcher";

const { secret, ...options } = JSON.parse(process.env.CHAOS_SERVER ?? "{}");
delete process.env.CHAOS_SERVER;

process.stdin.resume().once("end", () => process.exit(1));
const running = await launch({
  ...options,
  secret: Buffer.from(secret, "hex"),
  onProgress: (line) => console.log(new Date().toISOString(), line),
});
console.log(new Date().toISOString(), `Answers at ${running.url}`);
process.once("SIGTERM", () => void running.close().then(() => process.exit(0)));
