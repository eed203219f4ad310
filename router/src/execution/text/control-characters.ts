/** Strings of valid JSON have no raw control characters. One look at the whole answer spares one at each string. */

const size = 1 << 16;
const memory = new ArrayBuffer(size);
const bytes = Buffer.from(memory);
const words = new Int32Array(memory);
const space = 0x20;

/** Whether a text of one character per byte has a byte below 0x20 anywhere. */
export function hasControlCharacter(text: string): boolean {
  for (let start = 0; start < text.length; start += size) {
    if (isFoundIn(start === 0 && text.length <= size ? text : text.slice(start, start + size))) return true;
  }
  return false;
}

/** Four bytes at a time: taking 0x20 from a smaller byte sets its highest bit, which was not set before. */
function isFoundIn(part: string): boolean {
  const length = bytes.write(part, 0, "latin1");
  const count = (length + 3) >> 2;
  bytes.fill(space, length, count << 2);
  let found = 0;
  for (let index = 0; index < count; index++) {
    const word = words[index] as number;
    found |= (word - 0x20202020) & ~word;
  }
  return (found & 0x80808080) !== 0;
}
