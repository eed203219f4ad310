/** The router of this process as its modules reach it: without a socket. Whoever asks before it is there waits for it. */
import { once } from "node:events";
import type { Router } from "@tessera/router";
import type { GraphDoor } from "@tessera/subgraph";

export class RouterDoor implements GraphDoor {
  readonly #opened = new EventTarget();
  #router: Pick<Router, "execute"> | undefined;

  open(router: Pick<Router, "execute">): void {
    this.#router = router;
    this.#opened.dispatchEvent(new Event("open"));
  }

  /** Rejects when the signal is aborted first. */
  readonly execute: Router["execute"] = async (call) => {
    if (!this.#router) await once(this.#opened, "open", call.signal ? { signal: call.signal } : {});
    if (!this.#router) throw new Error("The router is not there.");
    return this.#router.execute(call);
  };
}
