/** Lays JSON text out anew, token by token: numbers and escapes stay as they were written. */
import { read } from "./json";
import { scan } from "./scan";

/** @returns the text on one line, or indented; `undefined` when it is not JSON */
export function format(text: string, compact: boolean): string | undefined {
  if (read(text) === undefined) return undefined;
  const out: string[] = [];
  let depth = 0;
  let opened = false;
  const line = () => (compact ? "" : `\n${"  ".repeat(depth)}`);
  scan(text, (kind, from, to) => {
    const token = text.slice(from, to);
    const closes = kind === "}" || kind === "]";
    if (closes) depth--;
    if (opened !== closes) {
      if (opened || closes) out.push(line());
    }
    opened = kind === "{" || kind === "[";
    if (opened) depth++;
    out.push(token);
    if (kind === ",") out.push(line());
    if (kind === ":" && !compact) out.push(" ");
  });
  return out.join("");
}
