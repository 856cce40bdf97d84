/** A request as a command. The key is never in it: it is taken from the environment. */
import type { Sent } from "./shapes";

export function curl({ method, url, headers, body }: Sent): string {
  const parts = [`curl --request ${method} ${quoted(url)}`];
  for (const [name, value] of headers) {
    parts.push(
      name.toLowerCase() === "x-api-key" ? `--header "${name}: $COGNIGY_API_KEY"` : `--header ${quoted(`${name}: ${value}`)}`,
    );
  }
  if (body !== undefined) parts.push(`--data-raw ${quoted(body)}`);
  return parts.join(" \\\n  ");
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
