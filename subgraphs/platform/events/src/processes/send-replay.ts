/**
 * Sends a replay piece by piece. Each piece is a step, so that after a crash it goes on with the piece it was at; nothing
 * is taken back, because consumers take each event of one replay once.
 */
import { defineProcess, type Process } from "@tessera/processes";
import type { Context } from "@tessera/subgraph";
import { z } from "zod";
import { advanceReplay, failReplay, type SetGoing, tell } from "../domain/replay-events.js";

const input = z.object({ replayId: z.string(), round: z.number().int(), part: z.number().int() });

/** A process keeps a journal of its steps, which is not to grow without end: after so many another one goes on. */
const piecesOfOnePart = 2_000;

export const sendReplay = defineProcess({
  name: "send-replay",
  version: 1,
  input,
  run: async (process: Process<Context>, { replayId, round, part }: z.infer<typeof input>) => {
    let goesOn = true;
    try {
      for (let piece = 1; goesOn && piece <= piecesOfOnePart; piece += 1) {
        goesOn = await process.step(`send piece ${piece}`, {
          do: (ctx: Context) => advanceReplay(ctx, replayId, round),
          timeoutMs: pieceMs,
        });
      }
      if (goesOn)
        await process.step("go on", { do: (ctx: Context) => start(ctx, { replayId, round, part: part + 1 }) });
    } catch (error) {
      await process.step("say why it stopped", { do: (ctx: Context) => failReplay(ctx, replayId, round, error) });
    }
    await process.step("tell", { do: (ctx: Context) => tell(ctx, replayId) });
  },
});

/** The bus takes a piece when the consumer is not far behind, and a slow one may need minutes for that. */
const pieceMs = 600_000;

type Starts = Pick<Context, "processes">;

async function start({ processes }: Starts, wanted: z.infer<typeof input>): Promise<void> {
  const { replayId, round, part } = wanted;
  await processes.start(sendReplay, { input: wanted, id: `${replayId}/${round}/${part}` });
}

export const setGoing: SetGoing = async (tx, { id, round }) => {
  await start(tx, { replayId: id, round, part: 1 });
};
