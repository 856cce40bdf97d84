/** Formats JSON text token by token. Numbers and escapes keep their spelling. */
import { parse } from "./json";
import { scan } from "./scan";
import type { JsonLayout } from "./types";

/** Returns the text in the layout; `undefined` if it is not JSON. */
export function formatJson(text: string, layout: JsonLayout): string | undefined {
  if (parse(text) === undefined) return undefined;
  const out: string[] = [];
  let depth = 0;
  let followsOpening = false;
  const isIndented = layout === "indented";
  const lineBreak = () => (isIndented ? `\n${"  ".repeat(depth)}` : "");
  scan(text, (kind, from, to) => {
    const token = text.slice(from, to);
    const closes = kind === "}" || kind === "]";
    if (closes) depth--;
    if (followsOpening !== closes) out.push(lineBreak());
    followsOpening = kind === "{" || kind === "[";
    if (followsOpening) depth++;
    out.push(token);
    if (kind === ",") out.push(lineBreak());
    if (kind === ":" && isIndented) out.push(" ");
  });
  return out.join("");
}
