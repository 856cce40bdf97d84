/** The declarations in a user's project, in Node and the browser. A line after `@ts-expect-error` must not compile. */
import {
  check,
  checkJson,
  Client,
  type Code,
  codes,
  coerce,
  CognigyError,
  ConflictError,
  type ContextInspection,
  ContextManager,
  type ContextUpdate,
  type DebugEntry,
  debugView,
  deepMerge,
  hashSessionId,
  injectContextRequest,
  type InjectionBody,
  InjectionPayload,
  type InjectionVariable,
  type Issue,
  measure,
  measureJson,
  parseVariables,
  Policy,
  type PolicyArgument,
  type PreparedRequest,
  type Report,
  resolveScopes,
  Schema,
  serializeContext,
  type Sizes,
  type StateBody,
  StateConflictError,
  StateUpdate,
  ValidationError,
  type ScopedVariable,
  Variable,
  type Variables,
  variablesUrl,
  type WebhookVariables,
  webhookVariables,
} from "cognigy-context";
import init, { check as checkInBrowser, initSchema, initSync } from "cognigy-context/browser";

const report: Report = check({ tier: "gold" });
const again: Report = report.raiseIfFailed();
const issue: Issue | undefined = again.issues[0];
const code: Code | undefined = issue?.code;
const sizes: Sizes = measure([1, "two", null]);
const bytes: number = sizes.platformBytes + measureJson("{}").jsonBytes;
checkJson(new Uint8Array(2), "platform_app", { already: "there" });
checkJson("{}", { preset: "state", maxDepth: null });

const policy: PolicyArgument = new Policy("platform", { maxContextBytes: 262_144, warnFrom: 0.9 });
const limit: number | null = new Policy().maxContextBytes;
check({}, policy);
const all: readonly Code[] = codes();

async function run(signal: AbortSignal): Promise<unknown> {
  const client = new Client({ baseUrl: "https://example.org", apiKey: "key", policy, fetch });
  try {
    const context = await client.injectContext("s", "u", { a: 1 }, { existing: {}, signal });
    return context["a"];
  } catch (error) {
    if (error instanceof ValidationError) return error.report.errors;
    if (error instanceof StateConflictError) {
      const conflict: ConflictError = error;
      return conflict.status;
    }
    if (error instanceof CognigyError) return [error.retryable, error.retryAfter, error.traceId];
    throw error;
  }
}

const request: PreparedRequest = injectContextRequest({
  baseUrl: "https://example.org",
  sessionId: "s",
  userId: "u",
  context: {},
});

async function browser(): Promise<boolean> {
  await init(new URL("https://example.org/cognigy-context.wasm"));
  await initSchema(fetch("https://example.org/cognigy-context-documents.wasm"));
  initSync(new ArrayBuffer(8));
  return checkInBrowser({}).ok;
}

const coerced: unknown = coerce("42", "compat", "integer");
coerce(7, "lossless", "a type of the tenant's own");
const listed = [{ name: "a", value: 1, scope: "user", type: null, more: true }];
const more: boolean | undefined = resolveScopes(listed).get("a")?.more;
const variables: Variables = parseVariables(["{}", new Uint8Array(2)], { mode: "compat" });
const found: ScopedVariable | undefined = variables.get("a");
const names: string[] = [...variables].map(([name, { scope }]) => name + scope);
const views: Record<string, DebugEntry>[] = [listed, resolveScopes(listed)].map(debugView);
const ofParsed: boolean | undefined = debugView(variables)["a"]?.is_system;
const url: string = variablesUrl("https://example.org", "s", { includeSystem: true });
const instance: InjectionVariable = new Variable("a", [1n], "user", new Date());
const variable: InjectionVariable = { key: "a", value: [1n], scope: "user", expiresAt: new Date() };
const payload = new InjectionPayload("s", new Set([variable]), { mergeStrategy: "replace" });
const body: InjectionBody = payload.toApiBody();
const parts: StateUpdate[] = new StateUpdate({ session: new Map([["a", 1]]), nextStep: "x" }).split();
const state: StateBody | undefined = parts[0]?.toApiBody();
const text: string = serializeContext(deepMerge({}, {})) + payload.toJson();
const derived: WebhookVariables = webhookVariables(text);
const hash: string = hashSessionId("s", new Uint8Array(32));
const manager = new ContextManager({ schema: new Schema({}), ttlSeconds: 60, clock: () => 0 });
const updated: ContextUpdate = manager.update("s", new Map());
const inspected: ContextInspection = manager.inspect("s");

// @ts-expect-error unknown preset
check({}, "plattform");
// @ts-expect-error unknown field
new Policy("platform", { maxContextByte: 1 });
// @ts-expect-error a field of the wrong type
new Policy("state", { maxDepth: "3" });
// @ts-expect-error JSON text that is neither text nor bytes
checkJson({ a: 1 });
// @ts-expect-error a report is read-only
report.ok = true;
// @ts-expect-error the issues of a report are read-only
report.issues.push(issue);
// @ts-expect-error unknown code
const unknownCode: Code = "too_big";
// @ts-expect-error a request without a session id and a user id
injectContextRequest({ baseUrl: "https://example.org", context: {} });
// @ts-expect-error the fields of a policy are read-only
new Policy().maxDepth = 3;
// @ts-expect-error unknown mode
coerce("1", "eager");
// @ts-expect-error parsed variables are read-only
variables.set("a", found);
// @ts-expect-error unknown scope
new InjectionPayload("s", [{ key: "a", value: 1, scope: "bot" }]);
// @ts-expect-error unknown option
new ContextManager({ ttl: 60 });
// @ts-expect-error an event without a timestamp
webhookVariables({ sessionId: "s", userId: "u", message: "m", channel: "c" });

export {
  body,
  coerced,
  derived,
  found,
  hash,
  inspected,
  more,
  names,
  ofParsed,
  state,
  updated,
  url,
  views,
};
export { all, browser, bytes, code, limit, request, run, unknownCode };
