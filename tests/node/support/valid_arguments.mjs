/** For each callable of the package, a call with valid arguments. */

const address = { baseUrl: "https://api.example", apiKey: "key" };
const session = { ...address, sessionId: "s-1" };
const user = { ...session, userId: "u-1" };
const dialog = { ...address, dialogId: "d-1" };
const profile = { ...address, profileId: "0123456789abcdef01234567" };
const variables = () => [{ key: "tier", value: "gold", scope: "user", expiresAt: "2030-01-31T12:00:00Z" }];
const scoped = () => [{ name: "tier", value: "gold", scope: "user" }];
const payload = () => ({ sessionId: "s-1", variables: variables(), mergeStrategy: "atomic_put" });
const update = () => ({ session: { turn: 1 }, user: {}, nextStep: "next" });
const signal = () => ({ signal: new AbortController().signal });

/** Interfaces that the caller implements, so the caller's functions get the arguments. */
export const IMPLEMENTED_BY_CALLERS = [
  "FlowApi.addToContext",
  "FlowApi.log",
  "Journal.isConfirmed",
  "Journal.confirm",
];

/**
 * Returns the calls by name. Each is a function that returns the function to call and new valid arguments.
 *
 * @param api the exports of the package
 * @param newClient creates a client whose requests fail fast
 * @param {string} journalPath a path for a journal
 */
export function validCalls(api, newClient, journalPath) {
  const calls = {};
  const add = (name, args, call = api[name]) => (calls[name] = () => ({ call, args: args() }));
  const construct = (name, args, use = () => {}) =>
    add(`new ${name}`, args, (...given) => {
      const created = new api[name](...given);
      try {
        return use(created);
      } finally {
        created.free?.();
      }
    });
  const method = (owner, create, name, args = () => []) =>
    add(`${owner}.${name}`, args, async (...given) => {
      const receiver = create();
      try {
        return await receiver[name](...given);
      } finally {
        receiver.free?.();
      }
    });

  add("applyTo", () => [{ addToContext() {}, log() {} }, { tier: "gold" }, { throws: true, policy: "platform" }]);
  add("check", () => [{ tier: "gold" }, "platform", {}]);
  add("checkJson", () => ['{"tier": "gold"}', "platform", {}]);
  add("measure", () => [{ tier: "gold" }]);
  add("measureJson", () => ['{"tier": "gold"}']);
  add("codes", () => []);
  add("coerce", () => ["42", "lossless", "integer"]);
  add("serializeContext", () => [{ tier: "gold" }]);
  add("deepMerge", () => [{ tier: "gold" }, { tier: "silver" }]);
  construct("Variable", () => ["tier", "gold", "user", null], (variable) =>
    new api.InjectionPayload("s-1", [variable]).toJson());
  construct("InjectionPayload", () => ["s-1", variables(), {}], (created) => {
    created.check();
    return created.toApiBody();
  });
  for (const name of ["check", "toJson", "toApiBody"]) {
    method("InjectionPayload", () => new api.InjectionPayload("s-1", variables()), name);
  }
  construct("Policy", () => ["platform", { maxValueBytes: 100 }], (policy) => api.check({}, policy));
  method("Policy", () => new api.Policy(), "free");
  for (const name of ["raiseIfFailed", "toString"]) method("Report", () => api.check({}), name);

  add("getStateRequest", () => [dialog]);
  add("updateStateRequest", () => [{ ...dialog, update: update(), ifMatch: '"1"' }]);
  add("injectContextRequest", () => [{ ...user, context: { tier: "gold" }, existing: {}, policy: "platform" }]);
  add("resetContextRequest", () => [{ ...user, flowReferenceId: "f", entrypoint: "e" }]);
  add("injectStateRequest", () => [{ ...user, state: "state" }]);
  add("resetStateRequest", () => [user]);
  add("listProfilesRequest", () => [{ ...address, query: { limit: 5 } }]);
  add("getProfileRequest", () => [profile]);
  add("createProfileRequest", () => [{ ...address, profile: { active: true } }]);
  add("updateProfileRequest", () => [{ ...profile, changes: { active: true } }]);
  add("deleteProfileRequest", () => [profile]);
  add("injectRequest", () => [{ ...address, payload: new api.InjectionPayload("s-1", variables()) }]);
  add("getInjectedRequest", () => [session]);
  add("sessionExistsRequest", () => [session]);
  add("appendVariablesRequest", () => [{ ...session, variables: { tier: "gold" }, policy: "injection" }]);
  add("getDocumentRequest", () => [session]);
  add("getVariablesRequest", () => [{ ...session, name: "tier", scope: "user", includeSystem: true, cursor: "c" }]);

  add("resolveScopes", () => [scoped()]);
  add("debugView", () => [scoped()]);
  construct("StateUpdate", () => [update()], (created) => {
    created.check();
    created.split();
    return created.toApiBody();
  });
  for (const name of ["check", "toJson", "toApiBody", "split"]) {
    method("StateUpdate", () => new api.StateUpdate(update()), name);
  }
  const page = JSON.stringify({ variables: scoped() });
  for (const name of ["get", "has"]) method("Variables", () => api.parseVariables(page), name, () => ["tier"]);
  for (const name of ["keys", "values", "entries"]) method("Variables", () => api.parseVariables(page), name);
  add("Variables.[Symbol.iterator]", () => [], () => [...api.parseVariables(page)]);
  add("parseVariables", () => [[page], { mode: "lossless" }]);
  add("variablesUrl", () => [address.baseUrl, "s-1", { name: "tier", scope: "user", includeSystem: true }]);
  add("webhookVariables", () => [
    { sessionId: "s-1", userId: "u-1", message: "hi", channel: "web", timestamp: 7, custom: {} },
  ]);
  add("hashSessionId", () => ["s-1", "key"]);

  // The calls below exist only in entries with the client and the documents.
  construct(
    "Client",
    () => [{ ...newClient.options(), policy: "platform", rate: null, platformRate: null }],
    // The callbacks of the options are called during the call.
    (client) => client.updateState("d-1", update()),
  );
  const client = (name, args) => method("Client", newClient, name, args);
  client("withDeadline", () => [5]);
  client("inject", () => [payload(), { ...signal(), crmPayload: { a: 1 } }]);
  for (const name of ["getInjected", "sessionExists", "getDocument"]) client(name, () => ["s-1", signal()]);
  add(
    "Client.injectMany",
    () => [
      [payload(), { sessionId: "s-1", userId: "u-1", context: { a: 1 } }],
      { ...signal(), concurrency: 2, journal: { isConfirmed: () => false, confirm() {} } },
    ],
    async (...given) => {
      const own = newClient();
      try {
        for await (const { error } of own.injectMany(...given)) if (error instanceof api.InternalError) throw error;
      } finally {
        own.free();
      }
    },
  );
  client("appendVariables", () => ["s-1", { tier: "gold" }, signal()]);
  client("syncContext", () => ["s-1", { tier: "gold" }, signal()]);
  const read = () => ({ ...signal(), name: "tier", scope: "user", includeSystem: true });
  for (const name of ["getVariables", "debugSnapshot"]) client(name, () => ["s-1", read()]);
  client("getState", () => ["d-1", signal()]);
  for (const name of ["updateState", "updateStateParts"]) {
    client(name, () => ["d-1", update(), { ...signal(), ifMatch: '"1"', rebase: true }]);
  }
  add("Client.onStateUpdated", () => [() => {}], async (listener) => {
    const own = newClient();
    try {
      const remove = own.onStateUpdated(listener);
      await own.updateState("d-1", update());
      remove();
    } finally {
      own.free();
    }
  });
  client("injectContext", () => ["s-1", "u-1", { tier: "gold" }, { ...signal(), existing: {} }]);
  client("resetContext", () => ["s-1", "u-1", "f", "e", signal()]);
  client("injectState", () => ["s-1", "u-1", "state", signal()]);
  client("resetState", () => ["s-1", "u-1", signal()]);
  client("listProfiles", () => [{ limit: 5 }, signal()]);
  for (const name of ["getProfile", "deleteProfile"]) client(name, () => [profile.profileId, signal()]);
  client("createProfile", () => [{ active: true }, signal()]);
  client("updateProfile", () => [profile.profileId, { active: true }, signal()]);
  for (const name of ["metrics", "stateMetrics", "free"]) client(name);
  client("auditTrail", () => [5]);
  for (const name of ["close", "drain"]) client(name, () => [0, signal()]);

  const managerOptions = () => ({
    schema: {},
    maxSizeBytes: 1000,
    ttlSeconds: 60,
    prunePaths: ["/a"],
    lru: true,
    clock: () => 5,
  });
  construct("ContextManager", () => [managerOptions()], (manager) => manager.update("s-1", { a: 1 }));
  const manager = (name, args) => method("ContextManager", () => new api.ContextManager(), name, args);
  manager("update", () => ["s-1", { a: 1 }]);
  for (const name of ["inspect", "reset"]) manager(name, () => ["s-1"]);
  for (const name of ["sweep", "free"]) manager(name);
  construct("Schema", () => [{ required: ["a"] }]);
  method("Schema", () => new api.Schema({}), "apply", () => [{ a: 1 }]);
  method("Schema", () => new api.Schema({}), "free");
  method("FileJournal", () => api.fileJournal(journalPath), "close");
  add("fileJournal", () => [journalPath, { durable: true }], (...given) => {
    const journal = api.fileJournal(...given);
    journal.close();
  });
  add("onWarning", () => [() => {}], (...given) => {
    const remove = api.onWarning(...given);
    remove();
  });
  return calls;
}
