/**
 * Scans JSON text and reports each token with its range. It does not validate and continues after syntax errors,
 * because invalid texts need ranges too.
 */

/** The kind of a token: `scalar` is a number, a literal, or other text outside a string. */
export type TokenKind = "string" | "scalar" | "{" | "}" | "[" | "]" | ":" | ",";

/** Matches a `scalar`. */
const scalar = /[^\s{}[\]:,"]+/y;

/** Receives a token with its range. Stops the scan when it returns `false`. */
export type OnToken = (kind: TokenKind, from: number, to: number) => boolean | void;

/** Calls `onToken` for each token of a text. Stops when `onToken` returns `false`. */
export function scan(text: string, onToken: OnToken): void {
  let at = 0;
  while (at < text.length) {
    const char = text[at] as string;
    if (char === " " || char === "\n" || char === "\r" || char === "\t") {
      at++;
      continue;
    }
    const from = at;
    let kind: TokenKind;
    if (char === '"') {
      at = findStringEnd(text, at);
      kind = "string";
    } else if ("{}[]:,".includes(char)) {
      at++;
      kind = char as TokenKind;
    } else {
      scalar.lastIndex = at;
      scalar.exec(text);
      at = Math.max(scalar.lastIndex, at + 1);
      kind = "scalar";
    }
    if (onToken(kind, from, at) === false) return;
  }
}

/** Returns the offset after the closing quote; the length of the text without a closing quote. */
function findStringEnd(text: string, start: number): number {
  let at = start + 1;
  for (;;) {
    const end = text.indexOf('"', at);
    if (end < 0) return text.length;
    let backslashes = 0;
    for (let before = end - 1; text[before] === "\\"; before--) backslashes++;
    if (backslashes % 2 === 0) return end + 1;
    at = end + 1;
  }
}
