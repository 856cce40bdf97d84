/** The declarations of requests, errors and `applyTo`. A line after `@ts-expect-error` must not compile. */
import {
  type Applied,
  applyTo,
  appendVariablesRequest,
  type AppendVariablesRequest,
  CognigyError,
  createProfileRequest,
  deleteProfileRequest,
  type FlowApi,
  getDocumentRequest,
  getInjectedRequest,
  getProfileRequest,
  getStateRequest,
  getVariablesRequest,
  InjectionPayload,
  injectRequest,
  injectStateRequest,
  InternalError,
  listProfilesRequest,
  type PreparedRequest,
  resetContextRequest,
  resetStateRequest,
  sessionExistsRequest,
  StateUpdate,
  updateProfileRequest,
  updateStateRequest,
} from "cognigy-context";

const address = { baseUrl: "https://example.org", bearerToken: "t" };
const session = { ...address, sessionId: "s" };
const user = { ...session, userId: "u" };
const append: AppendVariablesRequest = { ...session, variables: new Map([["a", 1]]), policy: "injection" };

const requests: PreparedRequest[] = [
  injectRequest({ ...address, payload: new InjectionPayload("s", []) }),
  getInjectedRequest(session),
  sessionExistsRequest(session),
  appendVariablesRequest(append),
  getDocumentRequest(session),
  getVariablesRequest({ ...session, scope: "user", includeSystem: true, cursor: "c" }),
  getStateRequest({ ...address, dialogId: "d" }),
  updateStateRequest({ ...address, dialogId: "d", update: new StateUpdate(), ifMatch: "t" }),
  updateStateRequest({ ...address, dialogId: "d", update: { nextStep: "x" } }),
  resetContextRequest({ ...user, flowReferenceId: "f", entrypoint: "e" }),
  injectStateRequest({ ...user, state: "x" }),
  resetStateRequest(user),
  listProfilesRequest({ ...address, query: { limit: 5 } }),
  getProfileRequest({ ...address, profileId: "p" }),
  createProfileRequest({ ...address, profile: { active: true } }),
  updateProfileRequest({ ...address, profileId: "p", changes: {} }),
  deleteProfileRequest({ ...address, profileId: "p" }),
];
const body: string | null | undefined = requests[0]?.body;

const api: FlowApi = { addToContext: () => {}, log: () => {} };
const applied: Applied = applyTo(api, { a: 1 }, { existing: {}, throws: true });
const written: readonly string[] = applied.written;

function hintOf(error: unknown): string | undefined {
  if (error instanceof InternalError) {
    const root: CognigyError = error;
    return root.hint;
  }
  return undefined;
}

// @ts-expect-error a session id instead of a dialog id
getStateRequest(session);
// @ts-expect-error a request without a user id
resetStateRequest(session);
// @ts-expect-error a body is JSON text, not an object
requests[0].body.variables;
// @ts-expect-error a request is read-only
requests[0].url = "";
// @ts-expect-error a request without variables
appendVariablesRequest(session);
// @ts-expect-error a payload that is not an InjectionPayload
injectRequest({ ...address, payload: { variables: [] } });
// @ts-expect-error unknown option
applyTo(api, {}, { throw: true });
// @ts-expect-error a query value that is an object
listProfilesRequest({ ...address, query: { filter: {} } });
// @ts-expect-error the written keys are read-only
applied.written.push("a");

export { body, hintOf, written };
