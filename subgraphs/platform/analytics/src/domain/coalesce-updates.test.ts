import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { coalesce } from "./coalesce-updates.js";

const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** Yields each value after waiting the milliseconds beside it. */
async function* timed(steps: readonly [number, string][], onEnd = () => {}): AsyncGenerator<string> {
  try {
    for (const [wait, value] of steps) {
      await pause(wait);
      yield value;
    }
  } finally {
    onEnd();
  }
}

async function received(source: AsyncGenerator<string>): Promise<string[]> {
  const updates: string[] = [];
  const reading = (async () => {
    for await (const update of coalesce(source, (one, other) => one + other, 40)) updates.push(update);
  })();
  await vi.runAllTimersAsync();
  await reading;
  return updates;
}

// What comes within a window and what does not is not for a busy machine to decide.
beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

describe("updates", () => {
  test("of one burst arrive as one, those of another burst as another", async () => {
    expect(
      await received(
        timed([
          [0, "a"],
          [0, "b"],
          [0, "c"],
          [120, "d"],
          [0, "e"],
        ]),
      ),
    ).toEqual(["abc", "de"]);
  });

  test("arrive within the window even when the burst does not end", async () => {
    const steady = timed(Array.from({ length: 12 }, (_, index) => [15, String(index % 10)] as [number, string]));
    const updates = await received(steady);
    expect(updates.length).toBeGreaterThan(1);
    expect(updates.join("")).toBe("012345678901");
  });

  test("are not lost when the source ends within the window", async () => {
    expect(
      await received(
        timed([
          [0, "a"],
          [0, "b"],
        ]),
      ),
    ).toEqual(["ab"]);
  });

  test("stop at the source when the reader leaves", async () => {
    let ended = false;
    const reader = coalesce(
      timed(
        [
          [0, "a"],
          [60, "b"],
          [60, "c"],
        ],
        () => {
          ended = true;
        },
      ),
      (_, later) => later,
      10,
    );
    const first = reader.next();
    await vi.advanceTimersByTimeAsync(10);
    expect((await first).value).toBe("a");
    const left = reader.return();
    await vi.runAllTimersAsync();
    await left;
    expect(ended).toBe(true);
  });

  test("pass on the failure of the source", async () => {
    async function* failing(): AsyncGenerator<string> {
      yield "a";
      throw new Error("bus gone");
    }
    const reader = coalesce(failing(), (_, later) => later, 10);
    expect((await reader.next()).value).toBe("a");
    await expect(reader.next()).rejects.toThrow("bus gone");
  });
});
