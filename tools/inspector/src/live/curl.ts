/** Formats requests as curl commands. */
import type { HttpRequest } from "./types";

/** Returns a request as a curl command. The command reads the API key from `COGNIGY_API_KEY` and never contains it. */
export function curl({ method, url, headers, body }: HttpRequest): string {
  const parts = [`curl --request ${method} ${quoteForShell(url)}`];
  for (const [name, value] of headers) {
    parts.push(
      name.toLowerCase() === "x-api-key" ? `--header "${name}: $COGNIGY_API_KEY"` : `--header ${quoteForShell(`${name}: ${value}`)}`,
    );
  }
  if (body !== undefined) parts.push(`--data-raw ${quoteForShell(body)}`);
  return parts.join(" \\\n  ");
}

function quoteForShell(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
