/** Functions that build requests, for a host that sends the requests itself. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { importPackage } from "./support/project.mjs";

const api = await importPackage();
const { ConfigurationError, InjectionPayload, StateUpdate, ValidationError } = api;

const address = { baseUrl: "https://api.example/new/", apiKey: "key" };
const session = { ...address, sessionId: "s/1" };
const user = { ...session, userId: "u" };
const dialog = { ...address, dialogId: "d 1" };
const profile = { ...address, profileId: "5f0000000000000000000001" };
const payload = new InjectionPayload("s/1", [{ key: "tier", value: "gold" }]);

/** For each builder: its argument, and the expected method, path and body (default: none). */
const cases = {
  injectRequest: [
    { ...address, payload },
    "PUT /api/v2/sessions/s%2F1/context",
    payload.toJson(),
  ],
  getInjectedRequest: [session, "GET /api/v2/sessions/s%2F1/context"],
  sessionExistsRequest: [session, "GET /api/v2/sessions/s%2F1"],
  appendVariablesRequest: [
    { ...session, variables: new Map([["tier", "gold"]]) },
    "POST /api/v1/sessions/s%2F1/context",
    '{"variables":{"tier":"gold"}}',
  ],
  getDocumentRequest: [session, "GET /api/v1/sessions/s%2F1/context"],
  getVariablesRequest: [
    { ...session, scope: "user", includeSystem: true, cursor: "a/b" },
    "GET /api/v2/botsessions/s%2F1/variables?scope=user&includeSystem=true&next=a%2Fb",
  ],
  getStateRequest: [dialog, "GET /runtime/v2/dialogs/d%201/state"],
  updateStateRequest: [
    { ...dialog, update: { session: { turn: 4 }, nextStep: "confirm" } },
    "PATCH /runtime/v2/dialogs/d%201/state",
    '{"session":{"turn":4},"transition":{"nextStep":"confirm"}}',
  ],
  injectContextRequest: [
    { ...user, context: { tier: "gold" } },
    "POST /new/v2.0/sessions/s%2F1/context/inject",
    '{"userId":"u","context":{"tier":"gold"}}',
  ],
  resetContextRequest: [
    { ...user, flowReferenceId: "f", entrypoint: "e" },
    "POST /new/v2.0/sessions/s%2F1/context/reset",
    '{"userId":"u","flowReferenceId":"f","entrypoint":"e"}',
  ],
  injectStateRequest: [
    { ...user, state: "open" },
    "POST /new/v2.0/sessions/s%2F1/state/inject",
    '{"userId":"u","state":"open"}',
  ],
  resetStateRequest: [user, "POST /new/v2.0/sessions/s%2F1/state/reset", '{"userId":"u"}'],
  listProfilesRequest: [
    { ...address, query: { limit: 5, filter: "a b", skip: undefined } },
    "GET /new/v2.0/profiles?limit=5&filter=a%20b",
  ],
  getProfileRequest: [profile, "GET /new/v2.0/profiles/5f0000000000000000000001"],
  createProfileRequest: [
    { ...address, profile: { active: true } },
    "POST /new/v2.0/profiles",
    '{"active":true}',
  ],
  updateProfileRequest: [
    { ...profile, changes: { profile: { name: "Ann" } } },
    "PATCH /new/v2.0/profiles/5f0000000000000000000001",
    '{"profile":{"name":"Ann"}}',
  ],
  deleteProfileRequest: [profile, "DELETE /new/v2.0/profiles/5f0000000000000000000001"],
};

for (const [name, [args, line, body = null]] of Object.entries(cases)) {
  test(`${name} builds ${line}`, () => {
    const request = api[name](args);
    assert.equal(`${request.method} ${request.url.replace("https://api.example", "")}`, line);
    assert.equal(request.body === null ? null : JSON.stringify(JSON.parse(request.body)), body);
    assert.equal(request.body, body);
    assert.deepEqual(request.headers, {
      accept: "application/json",
      ...(body === null ? {} : { "content-type": "application/json" }),
      "x-api-key": "key",
    });
  });
}

test("every exported builder has a case", () => {
  const builders = Object.keys(api).filter((name) => name.endsWith("Request"));
  assert.deepEqual(builders.sort(), Object.keys(cases).sort());
});

test("a request has a bearer token, an API key, or no credential", () => {
  const { baseUrl } = address;
  const { headers } = api.getStateRequest({ baseUrl, dialogId: "d", bearerToken: "t" });
  assert.deepEqual(headers, { accept: "application/json", authorization: "Bearer t" });
  const withoutCredential = api.getStateRequest({ baseUrl, dialogId: "d" });
  assert.deepEqual(withoutCredential.headers, { accept: "application/json" });
});

test("ifMatch is sent as the header if-match", () => {
  const { headers } = api.updateStateRequest({
    ...dialog,
    update: new StateUpdate({ session: { a: 1 } }),
    ifMatch: '"7"',
  });
  assert.equal(headers["if-match"], '"7"');
});

test("invalid ids, names and values are rejected with every issue", () => {
  const assertRejected = (action, ...codes) =>
    assert.throws(action, (error) => {
      assert.ok(error instanceof ValidationError, String(error));
      assert.deepEqual(error.report.issues.map(({ code }) => code), codes);
      return true;
    });
  assertRejected(() => api.getInjectedRequest({ ...session, sessionId: "" }), "invalid_id");
  assertRejected(() => api.getStateRequest({ ...dialog, dialogId: "\ud800" }), "lone_surrogate");
  assertRejected(
    () => api.appendVariablesRequest({ ...session, sessionId: "", variables: { a: NaN } }),
    "invalid_id",
    "non_finite_number",
  );
  assertRejected(() => api.updateStateRequest({ ...dialog, update: { user: { "a-b": 1 } } }), "invalid_name");
});

test("a builder checks against the `policy` argument", () => {
  assert.throws(
    () => api.appendVariablesRequest({ ...session, variables: { a: "long" }, policy: { preset: "injection", maxValueBytes: 3 } }),
    ValidationError,
  );
});

test("an invalid base URL or key causes a ConfigurationError, and one that is not a string a TypeError", () => {
  const { baseUrl: _, ...withoutUrl } = dialog;
  assert.throws(() => api.getStateRequest(withoutUrl), TypeError);
  assert.throws(() => api.getStateRequest({ ...dialog, dialogId: 7 }), TypeError);
  assert.throws(() => api.getStateRequest({ ...dialog, apiKey: 7 }), TypeError);
  assert.throws(() => api.getStateRequest({ ...dialog, baseUrl: "no address" }), ConfigurationError);
  assert.throws(() => api.getStateRequest({ ...dialog, apiKey: "a\nb" }), ConfigurationError);
});
