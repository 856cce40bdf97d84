/**
 * Converts a file of bytes to text with 14 bits per character, lowest bits first. The plugin `packed-rules` writes the
 * file.
 *
 * @param url the URL of the file
 * @param length the number of characters of the text
 */
export async function decodeBase14(url: string, length: number): Promise<string> {
  const bytes = new Uint8Array(await (await fetch(url)).arrayBuffer());
  const units = new Uint16Array(length);
  let buffer = 0;
  let bits = 0;
  let at = 0;
  for (const byte of bytes) {
    buffer |= byte << bits;
    bits += 8;
    if (bits >= 14 && at < length) {
      units[at++] = 0x4e00 + (buffer & 0x3fff);
      buffer >>= 14;
      bits -= 14;
    }
  }
  if (at < length) units[at] = 0x4e00 + (buffer & 0x3fff);
  return new TextDecoder("utf-16le").decode(units);
}
