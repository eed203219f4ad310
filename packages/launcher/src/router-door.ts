/** The router of this process as its modules reach it: without a socket. Until it is there, it cannot be reached. */
import type { Router } from "@tessera/router";
import type { GraphDoor } from "@tessera/subgraph";

export class RouterDoor implements GraphDoor {
  #router: Pick<Router, "execute"> | undefined;

  open(router: Pick<Router, "execute">): void {
    this.#router = router;
  }

  readonly execute: GraphDoor["execute"] = async (call) => {
    if (!this.#router) throw new Error("The router is not ready yet.");
    return this.#router.execute(call);
  };
}
