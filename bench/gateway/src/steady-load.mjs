/** Load without an end of its own, in windows of five seconds; each window's figures are kept. */
const windowSeconds = 5;

export async function measureSteadily(configuration, gateway, { load, bodies, connections }) {
  load.send({ prepare: { port: gateway.port, path: configuration.path, bodies } });
  await load.next((message) => message.answers);
  const windows = [];
  load.onMessage((message) => {
    if (message.answers !== undefined) windows.push({ endedAt: Date.now(), ...message });
  });
  load.send({ begin: { connections, windowSeconds } });
  return {
    windows,
    /** @returns how many answers came in all. */
    async stop() {
      load.send({ end: true });
      await load.next((message) => message === "ended");
      const odd = windows.reduce((sum, window) => sum + window.odd, 0);
      if (odd > 0) throw new Error(`${configuration.label}: ${odd} answers had another status or length.`);
      return windows.reduce((sum, window) => sum + window.answers, 0);
    },
  };
}
