/**
 * Sends requests with the client of the package. The first call of the Live view starts this worker. The page itself
 * cannot send requests to other servers: its Content-Security-Policy allows only its own files.
 */
import init, { Client, CognigyError, InjectionPayload, StateUpdate } from "cognigy-context/browser";
import type { HttpRequest, LiveCall, LiveResult, Operation } from "./types";

const loaded = init();

/** The method of the client that runs each operation. */
const operations: Record<Operation, (client: Client, call: LiveCall, signal: AbortSignal) => Promise<unknown>> = {
  injectContext: (client, { targetId, userId, text, existing }, signal) =>
    client.injectContext(targetId, userId, extractContext(JSON.parse(text)), {
      existing: existing.trim() === "" ? undefined : JSON.parse(existing),
      signal,
    }),
  inject: (client, { targetId, text }, signal) => {
    const { variables, mergeStrategy } = JSON.parse(text);
    return client.inject(new InjectionPayload(targetId, variables ?? [], { mergeStrategy }), { signal });
  },
  getVariables: (client, { targetId, name, scope, includeSystem }, signal) =>
    client.getVariables(targetId, { name: name || undefined, scope: scope || undefined, includeSystem, signal }),
  getDocument: (client, { targetId }, signal) => client.getDocument(targetId, { signal }),
  updateState: (client, { targetId, text }, signal) => {
    const { session, user, transition } = JSON.parse(text);
    return client.updateState(targetId, new StateUpdate({ session, user, nextStep: transition?.nextStep }), { signal });
  },
};

self.onmessage = async ({ data: { id, call } }: MessageEvent<{ id: number; call: LiveCall }>) => {
  self.postMessage({ id, result: await run(call) });
};

/** Runs a call. An error becomes part of the result. */
async function run(call: LiveCall): Promise<LiveResult> {
  const start = performance.now();
  let request: HttpRequest | undefined;
  let status: number | undefined;
  let body: string | undefined;
  const dryRunAbort = new AbortController();
  try {
    await loaded;
    const client = new Client({
      baseUrl: call.baseUrl,
      // A dry run needs no API key.
      apiKey: call.isDryRun ? "$COGNIGY_API_KEY" : call.apiKey,
      fetch: async (url, init) => {
        request = toHttpRequest(url, init);
        if (call.isDryRun) {
          dryRunAbort.abort(new DOMException("not sent", "AbortError"));
          throw dryRunAbort.signal.reason;
        }
        const response = await fetch(url, init as RequestInit);
        status = response.status;
        body = await response.clone().text();
        return response;
      },
    });
    try {
      await operations[call.operation](client, call, dryRunAbort.signal);
    } finally {
      client.free();
    }
  } catch (error) {
    // A dry run always aborts, and succeeds if it has built a request.
    if (!(call.isDryRun && request)) return { request, status, body, durationMs: performance.now() - start, error: toLiveError(error) };
  }
  return { request, status, body, durationMs: performance.now() - start };
}

function toHttpRequest(url: unknown, init: unknown): HttpRequest {
  const { method = "GET", headers, body } = (init ?? {}) as RequestInit;
  return {
    method,
    url: String(url),
    headers: [...new Headers(headers)],
    body: typeof body === "string" ? body : body ? new TextDecoder().decode(body as BufferSource) : undefined,
  };
}

function toLiveError(error: unknown) {
  const { name, message } = error as Error;
  return { name, message, hint: error instanceof CognigyError ? error.hint : undefined };
}

/** Returns the context of an inject request, or the value itself. */
function extractContext(value: Record<string, unknown>): unknown {
  return typeof value?.userId === "string" && typeof value.context === "object" ? value.context : value;
}
