import { describe, expect, test } from "vitest";
import { RouterError } from "../../src/errors/router-error.js";
import { ClientRequest } from "../../src/request/client-request.js";
import { Deadlines } from "../../src/request/deadlines.js";

const open = (deadlines = new Deadlines(10_000)) =>
  new ClientRequest({ requestId: "r1", identity: { actor: null }, deadlines });

describe("a request of a client", () => {
  test("that is aborted says why, to who listened before and to who asks afterwards", () => {
    const [early, late] = [open(), open()];
    const { signal } = early;
    for (const request of [early, late]) request.abort(new RouterError("REQUEST_ABORTED"));
    expect([signal.reason.code, late.signal.reason.code]).toEqual(["REQUEST_ABORTED", "REQUEST_ABORTED"]);
  });

  test("that is over is not aborted any more", () => {
    const request = open();
    request.end();
    request.abort(new RouterError("REQUEST_ABORTED"));
    expect(request.signal.aborted).toBe(false);
  });

  test("has facts without what the client did not send", () => {
    expect(Object.keys(open().facts).sort()).toEqual(["actor", "deadline", "requestId", "signal"]);
  });
});

describe("deadlines", () => {
  test("pass for requests that still run, in their order, and for no others", async () => {
    const deadlines = new Deadlines(40);
    const passed: number[] = [];
    const kept = [0, 1, 2, 3, 4].map((number) => deadlines.add(() => passed.push(number)));
    for (const over of [0, 2, 4]) {
      const deadline = kept[over];
      if (deadline) deadlines.remove(deadline);
      if (deadline) deadlines.remove(deadline);
    }
    await expect.poll(() => passed).toEqual([1, 3]);
    deadlines.add(() => passed.push(5));
    await expect.poll(() => passed).toEqual([1, 3, 5]);
  });

  test("of a stream do not pass, and its facts say until when its token is good", async () => {
    const deadlines = new Deadlines(20);
    const [stream, query] = [open(deadlines), open(deadlines)];
    stream.becomeStream();
    await expect.poll(() => query.signal.aborted).toBe(true);
    expect(query.signal.reason).toMatchObject({ code: "REQUEST_TIMEOUT", extensions: { details: { limit: 20 } } });
    expect([stream.signal.aborted, stream.facts.deadline]).toEqual([false, Number.MAX_SAFE_INTEGER]);
  });
});
