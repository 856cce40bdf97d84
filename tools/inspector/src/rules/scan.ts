/**
 * A pass over JSON text that gives each token with its place. It judges nothing, and goes on where the
 * text is broken, because places are wanted of broken texts too.
 */
export type TokenKind = "string" | "scalar" | "{" | "}" | "[" | "]" | ":" | ",";

export type OnToken = (kind: TokenKind, from: number, to: number) => boolean | void;

/** @param on called for each token; `false` ends the pass */
export function scan(text: string, on: OnToken): void {
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
      at = endOfString(text, at);
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
    if (on(kind, from, at) === false) return;
  }
}

const scalar = /[^\s{}[\]:,"]+/y;

function endOfString(text: string, start: number): number {
  let at = start + 1;
  for (;;) {
    const end = text.indexOf('"', at);
    if (end < 0) return text.length;
    let slashes = 0;
    for (let back = end - 1; text[back] === "\\"; back--) slashes++;
    if (slashes % 2 === 0) return end + 1;
    at = end + 1;
  }
}
