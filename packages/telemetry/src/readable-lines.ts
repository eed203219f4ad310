/** Turns pino's JSON lines into lines for a person at a terminal. */

const names: Record<number, string> = { 10: "trace", 20: "debug", 30: "info", 40: "warn", 50: "error", 60: "fatal" };
const colours: Record<number, number> = { 10: 90, 20: 36, 30: 32, 40: 33, 50: 31, 60: 35 };

export function readableLines(destination: { write(line: string): void }, colour: boolean) {
  return { write: (line: string) => destination.write(readable(line, colour)) };
}

function readable(line: string, colour: boolean): string {
  const { level, time, msg, err, service: _service, ...rest } = JSON.parse(line) as Record<string, unknown>;
  const rank = Number(level);
  const name = (names[rank] ?? String(level)).padEnd(5);
  const clock = new Date(Number(time)).toTimeString().slice(0, 8);
  const details = Object.entries(rest).map(
    ([key, value]) => ` ${key}=${typeof value === "string" ? value : JSON.stringify(value)}`,
  );
  const tag = colour ? `\u001b[${colours[rank] ?? 0}m${name}\u001b[0m` : name;
  return `${clock} ${tag} ${msg ?? ""}${details.join("")}${failure(err)}\n`;
}

function failure(err: unknown): string {
  if (typeof err !== "object" || err === null) return "";
  const { stack, message } = err as { stack?: string; message?: string };
  return `\n${stack ?? message ?? JSON.stringify(err)}`;
}
