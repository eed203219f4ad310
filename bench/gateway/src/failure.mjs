/** Why a configuration could not be measured: a few words for the table, everything else for the terminal. */
export class Failure extends Error {
  constructor(summary, detail = "") {
    super(detail ? `${summary}\n${detail}` : summary);
    this.name = "Failure";
    this.summary = summary;
  }
}
