/** Many short texts as a single string: while they wait for an answer, the collector has one object to look after. */
export class TextList {
  #joined = "";
  readonly #ends: number[] = [];

  static of(texts: Iterable<string>): TextList {
    const list = new TextList();
    for (const text of texts) list.add(text);
    return list;
  }

  get length(): number {
    return this.#ends.length;
  }

  add(text: string): void {
    this.#joined = this.#ends.length === 0 ? text : `${this.#joined},${text}`;
    this.#ends.push(this.#joined.length);
  }

  /** All of them, with commas between. */
  get joined(): string {
    return this.#joined;
  }

  toArray(): string[] {
    return this.#ends.map((end, index) => this.#joined.slice(index === 0 ? 0 : (this.#ends[index - 1] ?? 0) + 1, end));
  }

  /** To be called after the last text: a sum of strings is a tree of them until somebody looks inside. */
  flatten(): void {
    this.#joined.charCodeAt(0);
  }
}
