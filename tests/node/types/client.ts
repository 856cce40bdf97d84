/** The declarations of the client. A line after `@ts-expect-error` must not compile. */
import {
  type AuditRecord,
  type BulkItem,
  type BulkOutcome,
  Client,
  type ClientOptions,
  type Context,
  type ContextDocument,
  type DebugEntry,
  type DebugSnapshot,
  type DialogState,
  type ApiFamily,
  type FileJournal,
  fileJournal,
  type InjectedVariables,
  InjectionPayload,
  type InjectionResult,
  type Journal,
  type Metrics,
  onWarning,
  type Profile,
  type StateMetrics,
  type StateUpdateResult,
  StateUpdate,
  type Token,
  type ScopedVariable,
} from "cognigy-context";

const options: ClientOptions = {
  baseUrl: "https://example.org",
  getToken: async (family: ApiFamily): Promise<Token> => ({ token: family, expiresIn: 60 }),
  tokenUrls: { platform: "https://example.org/token" },
  scopes: { runtime_v2: "runtime:write" },
  deadline: 30,
  maxRetries: 2,
  rate: null,
  platformRate: { requests: 10, window: 1 },
  audit: (record: AuditRecord) => void record.details.payloadSha256,
};
const client = new Client(options);
new Client({ clientId: "id", clientSecret: "secret", dangerouslyAllowClientSecret: true });
new Client({ getToken: () => "token" });

export async function calls(signal: AbortSignal): Promise<void> {
  const payload = new InjectionPayload("s", [{ key: "a", value: 1 }]);
  const result: InjectionResult = await client.inject(payload, { crmPayload: { case: 7 }, signal });
  const latency: number = result.latencyMs + result.variablesInjected;
  await client.inject({ sessionId: "s", variables: [{ key: "a", value: latency }] });
  const injected: InjectedVariables = await client.getInjected("s", { signal });
  const tag: string | undefined = injected.tag;
  const exists: boolean = await client.sessionExists("s");
  const appended: Record<string, unknown> = await client.appendVariables("s", { exists });
  const document: ContextDocument = await client.getDocument("s");
  await client.syncContext("s", { ...document.document, ...appended });
  const variables = await client.getVariables("s", { scope: "user", includeSystem: true, signal });
  const variable: ScopedVariable | undefined = variables.get("tier");
  const snapshot: DebugSnapshot = await client.debugSnapshot("s", { name: "tier" });
  const entry: DebugEntry | undefined = snapshot.variables["tier"];
  const state: DialogState = await client.getState("d");
  const update = new StateUpdate({ session: { variable, entry } });
  const updated: StateUpdateResult = await client.updateState("d", update, {
    ifMatch: state.tag,
    rebase: true,
  });
  const parts: StateUpdateResult[] = await client.updateStateParts("d", { nextStep: "go" }, { ifMatch: tag });
  const stop: () => void = client.onStateUpdated((dialogId, sent, { latencyMs }) => {
    void [dialogId.length, sent["session"], latencyMs, updated, parts];
  });
  stop();
  const context: Context = await client.injectContext("s", "u", {}, { existing: {} });
  await client.resetContext("s", "u", "flow", "entrypoint");
  const text: string = await client.injectState("s", "u", "open");
  const nothing: void = await client.resetState("s", "u");
  const profile: Profile = await client.createProfile({ profile: { text, context, nothing } });
  await client.updateProfile("p", { active: false });
  await client.getProfile(String(profile["_id"]));
  await client.listProfiles({ limit: 5, filter: "a" });
  await client.deleteProfile("p");
  const metrics: Metrics = client.metrics();
  const states: StateMetrics = client.stateMetrics();
  const records: AuditRecord[] = client.auditTrail(5);
  const drained: boolean = await client.withDeadline(5).drain(1);
  const dropped: number = await client.close();
  const removeListener: () => void = onWarning((message) => void message.length);
  removeListener();
  void [metrics.p99LatencyMs, states.persistenceRate, records, drained, dropped, updated.guarded];
}

export async function bulk(rows: AsyncIterable<BulkItem>, signal: AbortSignal): Promise<number> {
  let failed = 0;
  const file: FileJournal = fileJournal("rows.journal", { durable: true });
  const damaged: number = file.damagedLines;
  const journal: Journal = damaged === 0 ? file : fileJournal(new URL("file:///rows.journal"));
  const items: BulkItem[] = [{ sessionId: "s", userId: "u", context: {} }];
  const outcomes: AsyncIterable<BulkOutcome> = client.injectMany(items);
  void outcomes;
  for await (const { index, status, error } of client.injectMany(rows, { journal, concurrency: 2, signal })) {
    if (status === "failed") failed += index + (error?.attempts ?? 0);
  }
  return failed;
}

// @ts-expect-error unknown API family
new Client({ scopes: { sessions: "x" } });
// @ts-expect-error a rate without a window
new Client({ rate: { requests: 5 } });
// @ts-expect-error a token that is neither text nor an object
new Client({ getToken: () => 7 });
// @ts-expect-error an id that is not text
void client.getState(7);
// @ts-expect-error a variable without a key
void client.inject({ sessionId: "s", variables: [{ value: 1 }] });
// @ts-expect-error unknown option
void client.getInjected("s", { timeout: 5 });
// @ts-expect-error options that are not an object
new Client("https://example.org");
