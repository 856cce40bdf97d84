/**
 * The text of `length` characters, 14 bits each, that the build put into a file as bytes.
 *
 * @param url where that file is
 */
export async function packedText(url: string, length: number): Promise<string> {
  const bytes = new Uint8Array(await (await fetch(url)).arrayBuffer());
  const units = new Uint16Array(length);
  let held = 0;
  let bits = 0;
  let at = 0;
  for (const byte of bytes) {
    held |= byte << bits;
    bits += 8;
    if (bits >= 14 && at < length) {
      units[at++] = 0x4e00 + (held & 0x3fff);
      held >>= 14;
      bits -= 14;
    }
  }
  if (at < length) units[at] = 0x4e00 + (held & 0x3fff);
  return new TextDecoder("utf-16le").decode(units);
}
