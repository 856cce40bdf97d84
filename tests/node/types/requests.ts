/** Requests, errors and applied values: what must compile, and what must not. */
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

function told(error: unknown): string | undefined {
  if (error instanceof InternalError) {
    const root: CognigyError = error;
    return root.hint;
  }
  return undefined;
}

// @ts-expect-error a dialog has no session
getStateRequest(session);
// @ts-expect-error a user is needed
resetStateRequest(session);
// @ts-expect-error a body is JSON text, and no object
requests[0].body.variables;
// @ts-expect-error a request cannot be edited
requests[0].url = "";
// @ts-expect-error variables are what is appended
appendVariablesRequest(session);
// @ts-expect-error a payload is made by its class
injectRequest({ ...address, payload: { variables: [] } });
// @ts-expect-error no such option
applyTo(api, {}, { throw: true });
// @ts-expect-error a query is of texts and figures
listProfilesRequest({ ...address, query: { filter: {} } });
// @ts-expect-error what was written cannot be edited
applied.written.push("a");

export { body, told, written };
