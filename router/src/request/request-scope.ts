/** How long a request lives: until its answer is out, its deadline passes, or its client goes away. */
import { setMaxListeners } from "node:events";
import { RouterError } from "../errors/router-error.js";

export interface RequestScope {
  readonly signal: AbortSignal;
  /** Epoch milliseconds. */
  readonly deadline: number;
  abort(reason: RouterError): void;
  /** Call when the request is answered. */
  end(): void;
}

/** With a `parent`, the scope also ends when that signal aborts. */
export function openScope(timeoutMs: number, parent?: AbortSignal): RequestScope {
  const controller = createController();
  const expire = () => controller.abort(new RouterError("REQUEST_TIMEOUT", { limit: timeoutMs }));
  const timer = setTimeout(expire, timeoutMs);
  const follow = () => controller.abort(parent?.reason);
  if (parent?.aborted) follow();
  parent?.addEventListener("abort", follow, { once: true });
  return {
    signal: controller.signal,
    deadline: Date.now() + timeoutMs,
    abort: (reason) => controller.abort(reason),
    end: () => {
      clearTimeout(timer);
      parent?.removeEventListener("abort", follow);
    },
  };
}

/** Every fetch of a plan listens to its signal, so Node.js must not take many listeners for a leak. */
export function createController(): AbortController {
  const controller = new AbortController();
  setMaxListeners(0, controller.signal);
  return controller;
}
