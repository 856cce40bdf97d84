/** The host's network as the core's call loop needs it: one request, one answer, within limits. */

/** A `fetch` function: the host's own, or one of yours with a proxy or a recorder behind it. */
export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

/** Why there is no answer, in the core's words.
 *
 * @internal */
type Problem = "unreachable" | "broken" | "timed_out" | "too_large" | "aborted";

/** What came back, as the core reads it.
 *
 * @internal */
interface Answer {
  readonly status: number;
  /** JSON: a list of pairs of a name in lower case and a value. */
  readonly headers: string;
  readonly body: Uint8Array;
}

/**
 * The network for one call, or for the work that belongs to none.
 *
 * @internal
 */
export class Network {
  /** What the host last threw: the cause of the error that comes of it. */
  cause: unknown;
  readonly #fetch: Fetch;
  readonly #signal: AbortSignal | undefined;
  readonly #isBackground: boolean;
  #then: (() => void) | undefined;

  /** @param isBackground whether its work may end with the process */
  constructor(fetch: Fetch, signal?: AbortSignal, isBackground = false) {
    this.#fetch = fetch;
    this.#signal = signal;
    this.#isBackground = isBackground;
  }

  /** Whether its caller can give up; asked by the core. */
  get canAbort(): boolean {
    return this.#signal !== undefined;
  }

  /** Has `then` called when the caller gives up, or at once when that is so; called by the core. */
  onAbort(then: () => void): void {
    this.close();
    this.#then = then;
    if (this.#signal?.aborted) then();
    else this.#signal?.addEventListener("abort", then, { once: true });
  }

  /** Nobody waits to hear of that any more; called by the core. */
  close(): void {
    if (this.#then) this.#signal?.removeEventListener("abort", this.#then);
    this.#then = undefined;
  }

  /**
   * Sends one request; called by the core.
   *
   * @param headers JSON: names to values
   * @param timeoutMs from the first byte sent to the last received
   * @param maxBody most bytes of the answer
   * @throws a {@link Problem}, as plain text
   */
  async send(
    method: string,
    url: string,
    headers: string,
    body: Uint8Array<ArrayBuffer> | undefined,
    timeoutMs: number,
    maxBody: number,
  ): Promise<Answer> {
    const controller = new AbortController();
    let problem: Problem | undefined;
    const give = (up: Problem) => {
      problem ??= up;
      controller.abort();
    };
    const onAbort = () => give("aborted");
    const timer: unknown = setTimeout(() => give("timed_out"), Math.min(timeoutMs, LONGEST_TIMER));
    // In Node a timer holds the process, which is for calls to do and not for webhooks; the connection
    // of one that is under way does so until then all the same.
    if (this.#isBackground) (timer as { unref?: () => void }).unref?.();
    this.#signal?.addEventListener("abort", onAbort, { once: true });
    if (this.#signal?.aborted) onAbort();
    try {
      const response = await this.#fetch(url, {
        method,
        headers: JSON.parse(headers) as Record<string, string>,
        body: body ?? null,
        // A redirect would carry the key to another place; no API here redirects.
        redirect: "manual",
        credentials: "omit",
        cache: "no-store",
        referrerPolicy: "no-referrer",
        signal: controller.signal,
      });
      return {
        status: response.status,
        headers: JSON.stringify([...response.headers]),
        body: await readBody(response, maxBody, () => give("too_large")),
      };
    } catch (error) {
      this.cause = error;
      throw problem ?? (isUnreachable(error) ? "unreachable" : "broken");
    } finally {
      clearTimeout(timer as number);
      this.#signal?.removeEventListener("abort", onAbort);
    }
  }
}

/** Hosts count the milliseconds of a timer in 31 bits; one beyond them would ring at once. */
const LONGEST_TIMER = 2_147_483_647;

/** The body, read no further than allowed. */
async function readBody(
  response: Response,
  most: number,
  giveUp: () => void,
): Promise<Uint8Array> {
  const reader = response.body?.getReader();
  if (!reader) return new Uint8Array(await response.arrayBuffer());
  const chunks: Uint8Array[] = [];
  let length = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    length += value.length;
    if (length > most) {
      giveUp();
      throw new Error("the answer is too large");
    }
    chunks.push(value);
  }
  const body = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    body.set(chunk, at);
    at += chunk.length;
  }
  return body;
}

/**
 * Whether the request provably never left. Node says why a fetch failed; a browser does not, and
 * then it may have left.
 */
function isUnreachable(error: unknown): boolean {
  const cause = (error as { cause?: { code?: unknown } } | null)?.cause;
  return NEVER_CONNECTED.has(String(cause?.code));
}

const NEVER_CONNECTED: ReadonlySet<string> = new Set([
  "ECONNREFUSED",
  "ENOTFOUND",
  "EAI_AGAIN",
  "ENETUNREACH",
  "EHOSTUNREACH",
  "UND_ERR_CONNECT_TIMEOUT",
]);
