/**
 * Decodes bytes from text in which every character carries 14 bits: a CJK ideograph from U+4E00 on.
 *
 * Each character of this block is one UTF-16 unit and counts as one character in an editor. Normalisation
 * and trimming do not change it. `build.mjs` contains the encoder.
 */

/** The character for 14 zero bits. */
const FIRST_CHARACTER = 0x4e00;
const BITS_PER_CHARACTER = 14;

/** Writes the 14 bits of each character of `text` into `units`. */
export function decodeUnits(text: string, units: Uint16Array): void {
  for (let index = 0; index < text.length; index++) {
    units[index] = text.charCodeAt(index) - FIRST_CHARACTER;
  }
}

/** Returns the `length` bytes that `text` encodes. The lowest bits of each character come first. */
export function decodeBytes(text: string, length: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(length);
  let buffer = 0;
  let bits = 0;
  let written = 0;
  for (let index = 0; index < text.length; index++) {
    buffer |= (text.charCodeAt(index) - FIRST_CHARACTER) << bits;
    bits += BITS_PER_CHARACTER;
    // Padding after the last byte is written beyond the end of the array, which does nothing.
    while (bits >= 8) {
      bytes[written++] = buffer;
      buffer >>= 8;
      bits -= 8;
    }
  }
  return bytes;
}
