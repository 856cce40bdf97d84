/**
 * The rules run in the page in the very script that people paste into Code nodes. It holds its
 * WebAssembly as text, 14 bits a character: fine for an editor that counts characters, but 40 kB more
 * over the wire. So that text is shipped as the bytes it stands for, and put back when it is loaded.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Plugin } from "vite";

const script = /\/cognigy-context\/pkg\/code-node\.js$/;
const packed = /"([\u4e00-\u8dff]{5000,})"/;
const folder = join(dirname(fileURLToPath(import.meta.url)), "..", "node_modules", ".rules");
const first = 0x4e00;

export function packedRules(): Plugin {
  return {
    name: "packed-rules",
    enforce: "pre",
    transform: {
      filter: { id: script },
      handler(code) {
        const text = packed.exec(code)?.[1];
        const exported = "\nexport default cognigyContext;\n";
        // A package that packs otherwise works as it is, and is only larger.
        if (text === undefined) return { code: code + exported, map: null };
        const bin = join(folder, "rules.bin");
        mkdirSync(folder, { recursive: true });
        writeFileSync(bin, bytesOf(text));
        const imports =
          `import packedUrl from ${JSON.stringify(`${bin}?url`)};\n` +
          `import { packedText } from "/src/rules/packed.ts";\n` +
          `const packedRules = await packedText(packedUrl, ${text.length});\n`;
        return { code: imports + code.replace(packed, () => "packedRules") + exported, map: null };
      },
    },
  };
}

/** The 14 bits of each character, the lowest first. */
function bytesOf(text: string): Uint8Array {
  const bytes: number[] = [];
  let held = 0;
  let bits = 0;
  for (let at = 0; at < text.length; at++) {
    held |= (text.charCodeAt(at) - first) << bits;
    bits += 14;
    while (bits >= 8) {
      bytes.push(held & 0xff);
      held >>= 8;
      bits -= 8;
    }
  }
  if (bits > 0) bytes.push(held);
  return Uint8Array.from(bytes);
}
