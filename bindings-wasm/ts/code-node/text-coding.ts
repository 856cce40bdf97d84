/**
 * UTF-8 for hosts without `TextEncoder` and `TextDecoder`, for example a bare V8 isolate. The classes
 * exist only inside the bundled script; no global is defined. The encoder replaces half of a surrogate pair
 * with U+FFFD. The decoder does not validate: the core writes only valid UTF-8.
 */

export class TextEncoder {
  /** Writes as many complete characters as fit into `target`. */
  encodeInto(text: string, target: Uint8Array): { read: number; written: number } {
    let written = 0;
    let read = 0;
    while (read < text.length) {
      // Most text is ASCII, and a loop for ASCII alone is the fastest.
      const end = Math.min(text.length, read + target.length - written);
      let unit = 0;
      while (read < end && (unit = text.charCodeAt(read)) < 0x80) {
        target[written++] = unit;
        read++;
      }
      if (read === end) break;
      const point = text.codePointAt(read) ?? 0;
      const size = point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
      if (written + size > target.length) break;
      const isLoneSurrogate = point >= 0xd800 && point < 0xe000;
      let rest = isLoneSurrogate ? 0xfffd : point;
      // The lead byte starts with one set bit per byte; each following byte carries six bits.
      for (let at = written + size - 1; at > written; at--) {
        target[at] = 0x80 | (rest & 0x3f);
        rest >>= 6;
      }
      target[written] = ((0xf00 >> size) & 0xff) | rest;
      written += size;
      read += size === 4 ? 2 : 1;
    }
    return { read, written };
  }

  encode(text = ""): Uint8Array {
    const bytes = new Uint8Array(3 * text.length);
    return bytes.slice(0, this.encodeInto(text, bytes).written);
  }
}

export class TextDecoder {
  decode(bytes?: Uint8Array): string {
    if (!bytes) return "";
    const parts: string[] = [];
    let units: number[] = [];
    let at = 0;
    while (at < bytes.length) {
      const lead = bytes[at++] ?? 0;
      let point = lead;
      if (lead >= 0x80) {
        const followingBytes = lead >= 0xf0 ? 3 : lead >= 0xe0 ? 2 : 1;
        point = lead & (0x3f >> followingBytes);
        for (let left = followingBytes; left > 0; left--) point = (point << 6) | ((bytes[at++] ?? 0) & 0x3f);
      }
      if (point >= 0x10000) {
        units.push(0xd800 + ((point - 0x10000) >> 10), 0xdc00 + (point & 0x3ff));
      } else {
        units.push(point);
      }
      // Hosts limit the number of arguments of a call.
      if (units.length > 4096) {
        parts.push(String.fromCharCode(...units));
        units = [];
      }
    }
    return parts.join("") + String.fromCharCode(...units);
  }
}
