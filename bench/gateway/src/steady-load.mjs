/** Load without an end of its own, in windows of five seconds; each window's figures are kept. */
const windowSeconds = 5;

export async function measureSteadily(configuration, gateway, { load, bodies, connections }) {
  load.send({ prepare: { port: gateway.port, path: configuration.path, bodies } });
  await load.next((message) => message.answers);
  const windows = [];
  let stopped = false;
  const finished = (async () => {
    while (!stopped) {
      load.send({ run: { connections, warmUpSeconds: 0, seconds: windowSeconds, samples: 1 } });
      windows.push({ endedAt: 0, ...(await load.next((message) => message.kept)) });
      windows.at(-1).endedAt = Date.now();
    }
  })();
  return {
    windows,
    /** @returns how many answers came in all. */
    async stop() {
      stopped = true;
      await finished;
      const odd = windows.reduce((sum, window) => sum + window.odd, 0);
      if (odd > 0) throw new Error(`${configuration.label}: ${odd} answers had another status or length.`);
      return windows.reduce((sum, window) => sum + window.answers, 0);
    },
  };
}
