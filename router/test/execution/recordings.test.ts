/** How long recordings are kept, and when they begin. */
import { expect, test } from "vitest";
import { type Recording, Recordings } from "../../src/execution/recordings.js";

const recording = (characters: number): Recording => ({
  calls: [],
  data: { text: "x".repeat(characters) },
});

test("what comes once is run, what comes again is recorded, and what comes a third time is recalled", () => {
  const recordings = new Recordings(100_000);
  expect(recordings.advice("a")).toBe("run");
  expect(recordings.advice("a")).toBe("record");
  const first = recording(10);
  recordings.keep("a", first);
  expect(recordings.advice("a")).toBe(first);
});

test("what was not used for longest makes room", () => {
  const recordings = new Recordings(10_000);
  for (const key of ["a", "b", "c"]) {
    recordings.advice(key);
    recordings.keep(key, recording(700));
  }
  expect(recordings.advice("a")).not.toBe("run");
  recordings.advice("d");
  recordings.keep("d", recording(700));
  recordings.advice("e");
  recordings.keep("e", recording(700));
  expect(recordings.advice("a")).toHaveProperty("data");
  expect(recordings.advice("b")).toBe("run");
});

test("an answer that would take too much of the memory is not kept", () => {
  const recordings = new Recordings(10_000);
  recordings.advice("large");
  expect(recordings.advice("large")).toBe("record");
  recordings.keep("large", recording(5_000));
  expect(Array.from({ length: 100 }, () => recordings.advice("large"))).toEqual(
    Array.from({ length: 100 }, () => "run"),
  );
});

test("a query whose data always changes is recorded more and more rarely", () => {
  const recordings = new Recordings(100_000);
  recordings.advice("a");
  const waits: number[] = [];
  for (let time = 0; time < 5; time++) {
    let wait = 0;
    while (recordings.advice("a") === "run") wait += 1;
    recordings.keep("a", recording(10));
    recordings.missed("a");
    waits.push(wait);
  }
  expect(waits).toEqual([0, 0, 2, 6, 14]);
  while (recordings.advice("a") === "run") {}
  recordings.keep("a", recording(10));
  recordings.confirmed("a");
  recordings.missed("a");
  expect(recordings.advice("a")).toBe("record");
});
