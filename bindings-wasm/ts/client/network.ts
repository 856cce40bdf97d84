/** The host's network, as the core uses it: each request has a time limit and a limit of the response size. */

/**
 * A `fetch` function: the host's, or your own, for example with a proxy or a recorder.
 *
 * @param url the address
 * @param init the method, headers, body and signal
 * @returns the response
 */
export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

/**
 * Why there is no response, as the core names it.
 *
 * @internal
 */
type TransportProblem =
  | "unreachable"
  | "broken"
  | "timed_out"
  | "too_large"
  | "aborted"
  | "invalid_request";

/**
 * A response, as the core reads it.
 *
 * @internal
 */
interface NetworkResponse {
  readonly status: number;
  /** JSON: a list of pairs of a lower-case name and a value. */
  readonly headers: string;
  readonly body: Uint8Array;
}

/**
 * The network for one call, or for background work.
 *
 * @internal
 */
export class Network {
  /** The last exception of the host, which becomes the cause of the call's error. */
  cause: unknown;
  readonly #fetch: Fetch;
  readonly #signal: AbortSignal | undefined;
  readonly #isBackground: boolean;
  #abortListener: (() => void) | undefined;

  /** @param isBackground whether pending requests may be dropped when the process ends */
  constructor(fetch: Fetch, signal?: AbortSignal, isBackground = false) {
    this.#fetch = fetch;
    this.#signal = signal;
    this.#isBackground = isBackground;
  }

  /** Whether the call has a signal. Read by the core. */
  get canAbort(): boolean {
    return this.#signal !== undefined;
  }

  /** Calls `listener` when the signal aborts, or at once if it has already aborted. Called by the core. */
  onAbort(listener: () => void): void {
    this.close();
    this.#abortListener = listener;
    if (this.#signal?.aborted) listener();
    else this.#signal?.addEventListener("abort", listener, { once: true });
  }

  /** Removes the listener. Called by the core when the call has finished. */
  close(): void {
    if (this.#abortListener) this.#signal?.removeEventListener("abort", this.#abortListener);
    this.#abortListener = undefined;
  }

  /**
   * Sends one request. Called by the core.
   *
   * @param headers JSON: names to values
   * @param timeoutMs milliseconds from this call to the last byte of the response
   * @param maxBodyBytes greatest size of the response body
   * @throws a {@link TransportProblem}, as a string
   */
  async send(
    method: string,
    url: string,
    headers: string,
    body: Uint8Array<ArrayBuffer> | undefined,
    timeoutMs: number,
    maxBodyBytes: number,
  ): Promise<NetworkResponse> {
    const headerRecord = JSON.parse(headers) as Record<string, string>;
    try {
      // `fetch` reports an invalid URL or header in the same way as an error of the network.
      new URL(url);
      new Headers(headerRecord);
    } catch (error) {
      this.cause = error;
      throw "invalid_request" satisfies TransportProblem;
    }
    const controller = new AbortController();
    let problem: TransportProblem | undefined;
    const abortWith = (reason: TransportProblem) => {
      problem ??= reason;
      controller.abort();
    };
    const onAbort = () => abortWith("aborted");
    const timer: unknown = setTimeout(() => abortWith("timed_out"), Math.min(timeoutMs, MAX_TIMER_MS));
    // A timer keeps a Node process alive. Calls should do so, webhooks should not; the connection of a
    // webhook that is being sent still does.
    if (this.#isBackground) (timer as { unref?: () => void }).unref?.();
    this.#signal?.addEventListener("abort", onAbort, { once: true });
    if (this.#signal?.aborted) onAbort();
    try {
      const response = await this.#fetch(url, {
        method,
        headers: headerRecord,
        body: body ?? null,
        // A redirect would send the credentials to another server; none of the APIs redirects.
        redirect: "manual",
        credentials: "omit",
        cache: "no-store",
        referrerPolicy: "no-referrer",
        signal: controller.signal,
      });
      return {
        status: response.status,
        headers: JSON.stringify([...response.headers]),
        body: await readBody(response, maxBodyBytes, () => abortWith("too_large")),
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

/** Hosts store a timer's milliseconds in 31 bits. A timer with a greater number would fire at once. */
const MAX_TIMER_MS = 2_147_483_647;

/** Size of the first buffer for a response body; larger bodies get larger buffers. */
const INITIAL_BUFFER_BYTES = 16_384;

/** Reads the body. Calls `onTooLarge` and throws when it exceeds the limit. */
async function readBody(
  response: Response,
  maxBytes: number,
  onTooLarge: () => void,
): Promise<Uint8Array> {
  const requireFit = (length: number) => {
    if (length <= maxBytes) return;
    onTooLarge();
    throw new Error("the response body is too large");
  };
  const reader = response.body?.getReader();
  if (!reader) {
    const whole = new Uint8Array(await response.arrayBuffer());
    requireFit(whole.length);
    return whole;
  }
  // One buffer that doubles: a list of chunks would need many times the memory of a body in chunks of one byte.
  let buffer = new Uint8Array(INITIAL_BUFFER_BYTES);
  let length = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return buffer.subarray(0, length);
    const end = length + value.length;
    requireFit(end);
    if (end > buffer.length) {
      const larger = new Uint8Array(Math.max(end, Math.min(2 * buffer.length, maxBytes)));
      larger.set(buffer.subarray(0, length));
      buffer = larger;
    }
    buffer.set(value, length);
    length = end;
  }
}

/**
 * Returns whether the request was certainly not sent. Only Node reports why a fetch failed; in browsers this
 * is always `false`, because the request may have been sent.
 */
function isUnreachable(error: unknown): boolean {
  const cause = (error as { cause?: { code?: unknown } } | null)?.cause;
  return NOT_CONNECTED.has(String(cause?.code));
}

/** Node's error codes of failures before a connection exists. */
const NOT_CONNECTED: ReadonlySet<string> = new Set([
  "ECONNREFUSED",
  "ENOTFOUND",
  "EAI_AGAIN",
  "ENETUNREACH",
  "EHOSTUNREACH",
  "UND_ERR_CONNECT_TIMEOUT",
]);
