/**
 * The one place that sends: the package's client, in a worker that is started when the Live view is
 * opened. The page's own policy lets nothing but its own files be asked for.
 */
import init, { Client, CognigyError, InjectionPayload, StateUpdate } from "cognigy-context/browser";
import type { LiveAnswer, LiveCall, Operation, Sent } from "./shapes";

const loaded = init();

const operations: Record<Operation, (client: Client, call: LiveCall, signal: AbortSignal) => Promise<unknown>> = {
  injectContext: (client, { session, user, text, existing }, signal) =>
    client.injectContext(session, user, contextIn(JSON.parse(text)), {
      existing: existing.trim() === "" ? undefined : JSON.parse(existing),
      signal,
    }),
  inject: (client, { session, text }, signal) => {
    const { variables, mergeStrategy } = JSON.parse(text);
    return client.inject(new InjectionPayload(session, variables ?? [], { mergeStrategy }), { signal });
  },
  getVariables: (client, { session, name, scope, includeSystem }, signal) =>
    client.getVariables(session, { name: name || undefined, scope: scope || undefined, includeSystem, signal }),
  getDocument: (client, { session }, signal) => client.getDocument(session, { signal }),
  updateState: (client, { session, text }, signal) => {
    const { session: ofSession, user, transition } = JSON.parse(text);
    return client.updateState(session, new StateUpdate({ session: ofSession, user, nextStep: transition?.nextStep }), { signal });
  },
};

self.onmessage = async ({ data: { id, call } }: MessageEvent<{ id: number; call: LiveCall }>) => {
  self.postMessage({ id, answer: await run(call) });
};

async function run(call: LiveCall): Promise<LiveAnswer> {
  const began = performance.now();
  let sent: Sent | undefined;
  let status: number | undefined;
  let body: string | undefined;
  const dry = new AbortController();
  try {
    await loaded;
    const client = new Client({
      baseUrl: call.baseUrl,
      // Without a key the request can be shown, but not sent.
      apiKey: call.dryRun ? "$COGNIGY_API_KEY" : call.apiKey,
      fetch: async (url, init) => {
        sent = sentOf(url, init);
        if (call.dryRun) {
          dry.abort(new DOMException("not sent", "AbortError"));
          throw dry.signal.reason;
        }
        const response = await fetch(url, init as RequestInit);
        status = response.status;
        body = await response.clone().text();
        return response;
      },
    });
    try {
      await operations[call.operation](client, call, dry.signal);
    } finally {
      client.free();
    }
  } catch (error) {
    if (!(call.dryRun && sent)) return { sent, status, body, took: performance.now() - began, failed: failureOf(error) };
  }
  return { sent, status, body, took: performance.now() - began };
}

function sentOf(url: unknown, init: unknown): Sent {
  const { method = "GET", headers, body } = (init ?? {}) as RequestInit;
  return {
    method,
    url: String(url),
    headers: [...new Headers(headers)],
    body: typeof body === "string" ? body : body ? new TextDecoder().decode(body as BufferSource) : undefined,
  };
}

function failureOf(error: unknown) {
  const { name, message } = error as Error;
  return { name, message, hint: error instanceof CognigyError ? error.hint : undefined };
}

function contextIn(value: Record<string, unknown>): unknown {
  return typeof value?.userId === "string" && typeof value.context === "object" ? value.context : value;
}
