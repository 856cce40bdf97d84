/**
 * Bytes out of text in which every character carries 14 bits: a CJK ideograph from U+4E00 on. All of
 * that block are letters of one UTF-16 unit that no normalisation, line break or trimming touches,
 * and an editor that counts characters counts each as one.
 */

/** The character that stands for 14 zero bits. */
const FIRST = 0x4e00;
const BITS = 14;

/** The 14 bits of each character of the text, into `units`. */
export function unpackUnits(text: string, units: Uint16Array): void {
  for (let at = 0; at < text.length; at++) units[at] = text.charCodeAt(at) - FIRST;
}

/** The `length` bytes that a text stands for, the lowest bits first. */
export function unpackBytes(text: string, length: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(length);
  let held = 0;
  let bits = 0;
  let written = 0;
  for (let at = 0; at < text.length; at++) {
    held |= (text.charCodeAt(at) - FIRST) << bits;
    bits += BITS;
    // What goes beyond the end is padding, and writing there is nothing.
    while (bits >= 8) {
      bytes[written++] = held;
      held >>= 8;
      bits -= 8;
    }
  }
  return bytes;
}
