/**
 * Ships the WebAssembly of the Code-node script as bytes. The page runs the same script that users paste into Code
 * nodes. The script contains its WebAssembly as text with 14 bits per character, which suits an editor that limits
 * characters but adds 40 kB to the download. This plugin writes the bytes to a file, and the page decodes them to text.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Plugin } from "vite";

/** Matches the path of the Code-node script. */
const scriptPath = /\/cognigy-context\/pkg\/code-node\.js$/;
/** Matches the string literal that contains the rules. The literal of the decompressor is shorter. */
const packedLiteral = /"([\u4e00-\u8dff]{5000,})"/;
const folder = join(dirname(fileURLToPath(import.meta.url)), "..", "node_modules", ".rules");
/** The character for 14 zero bits. */
const firstCodeUnit = 0x4e00;

/** Creates the plugin. */
export function packedRules(): Plugin {
  return {
    name: "packed-rules",
    enforce: "pre",
    transform: {
      filter: { id: scriptPath },
      handler(code) {
        const text = packedLiteral.exec(code)?.[1];
        const exported = "\nexport default cognigyContext;\n";
        // A script with another encoding works unchanged, but is larger.
        if (text === undefined) return { code: code + exported, map: null };
        const file = join(folder, "rules.bin");
        mkdirSync(folder, { recursive: true });
        writeFileSync(file, unpackBytes(text));
        const imports =
          `import packedUrl from ${JSON.stringify(`${file}?url`)};\n` +
          `import { decodeBase14 } from "/src/rules/base14.ts";\n` +
          `const packedRules = await decodeBase14(packedUrl, ${text.length});\n`;
        return { code: imports + code.replace(packedLiteral, () => "packedRules") + exported, map: null };
      },
    },
  };
}

/** Returns the bytes of a text with 14 bits per character, lowest bits first. */
function unpackBytes(text: string): Uint8Array {
  const bytes: number[] = [];
  let buffer = 0;
  let bits = 0;
  for (let at = 0; at < text.length; at++) {
    buffer |= (text.charCodeAt(at) - firstCodeUnit) << bits;
    bits += 14;
    while (bits >= 8) {
      bytes.push(buffer & 0xff);
      buffer >>= 8;
      bits -= 8;
    }
  }
  if (bits > 0) bytes.push(buffer);
  return Uint8Array.from(bytes);
}
