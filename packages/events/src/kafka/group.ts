/** One consumer group of the Kafka bus in this process: a member that is made anew whenever something went wrong. */
import type { Consumer } from "@platformatic/kafka";
import { WakeUp } from "../wake-up.js";
import type { Chunk } from "./log.js";
import { type MemberFacts, Membership } from "./membership.js";

const retryMs = 500;

export class KafkaGroup {
  readonly #facts: MemberFacts;
  readonly #newConsumer: () => Consumer;
  readonly #wake = new WakeUp();
  readonly #running: Promise<void>;
  #member: Membership | null = null;
  #closed = false;

  constructor(
    readonly name: string,
    facts: MemberFacts,
    newConsumer: () => Consumer,
  ) {
    this.#facts = facts;
    this.#newConsumer = newConsumer;
    this.#running = this.#run();
  }

  offer(chunk: Chunk): void {
    this.#member?.offer(chunk);
  }

  /** Rejects when the broker could not be told what is handled. */
  async commit(): Promise<void> {
    await this.#member?.commit();
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#wake.call();
    await this.#member?.leave();
    await this.#running;
  }

  async #run(): Promise<void> {
    let memberId: string | null = null;
    while (!this.#closed) {
      const member: Membership = new Membership(this.#facts, this.#newConsumer(), memberId);
      this.#member = member;
      await member.run().catch(() => {});
      this.#member = null;
      if (this.#closed) return;
      memberId = await member.leave();
      await this.#wake.wait(retryMs);
    }
  }
}
