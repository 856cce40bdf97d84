/** Returns a request as a curl command. The command reads the API key from the environment and never contains it. */
import type { HttpRequest } from "./types";

export function curl({ method, url, headers, body }: HttpRequest): string {
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
