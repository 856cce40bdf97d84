/** Sends the document to a tenant or the sandbox, or fetches a document. The API key stays in memory. */
import { h, replaceChildren, selectField } from "../base/dom";
import { formatBytes, formatMilliseconds } from "../base/format";
import { coalesce } from "../base/coalesce";
import type { View, Workspace } from "../base/workspace";
import { callLive } from "../live/worker-client";
import { curl } from "../live/curl";
import type { Kind } from "../rules/types";
import type { LiveCall, LiveResult, Operation } from "../live/types";

/** The number of characters after which a response is truncated. */
const maxShownChars = 10_000;

const operations: readonly (readonly [Operation, string])[] = [
  ["injectContext", "Inject the context (platform)"],
  ["inject", "Inject the payload (sessions_v2)"],
  ["getVariables", "Fetch variables (botsessions)"],
  ["getDocument", "Fetch the context document (sessions_v1)"],
  ["updateState", "Update the dialog state (runtime_v2)"],
];

/** The fields of an operation in addition to the common fields. */
const extraFields: Partial<Record<Operation, readonly string[]>> = { injectContext: ["user"], getVariables: ["name", "scope", "system"] };
const defaultOperations: Readonly<Record<Kind, Operation>> = {
  context: "injectContext",
  payload: "inject",
  state: "updateState",
  variables: "getVariables",
};

/** The operations that change data. The others fetch data. */
const writeOperations = new Set<Operation>(["injectContext", "inject", "updateState"]);

/** Creates the Live view. */
export function liveView(workspace: Workspace): View {
  let isOperationChosen = false;
  const operation = selectField("Operation", operations, () => {
    isOperationChosen = true;
    redraw();
  });
  const baseUrl = textField("Base URL", { type: "url", placeholder: "https://api-trial.cognigy.ai", required: true });
  const apiKey = textField("API key", { type: "password", autocomplete: "off" });
  const sessionId = textField("Session id", { required: true });
  const userId = textField("User id", {});
  const name = textField("Name", {});
  const scope = textField("Scope", { placeholder: "any" });
  const includeSystem = h("input", { type: "checkbox", change: () => redraw() });
  const optional: Record<string, HTMLElement> = {
    user: userId.label,
    name: name.label,
    scope: scope.label,
    system: h("label.check", {}, includeSystem, "System variables"),
  };
  const submit = h("button.primary", { type: "submit" }, "Send");
  const command = h("pre.curl", { tabindex: 0, "aria-label": "The request as a curl command" });
  const copy = h("button", { type: "button", click: () => void navigator.clipboard.writeText(command.textContent ?? "") }, "Copy");
  const outcome = h("div.outcome", { role: "status" });

  const form = h(
    "form",
    {
      autocomplete: "off",
      input: () => redraw(),
      submit: (event: SubmitEvent) => {
        event.preventDefault();
        void send();
      },
    },
    operation.element,
    baseUrl.label,
    apiKey.label,
    sessionId.label,
    ...Object.values(optional),
    h("div.toolbar", {}, submit, h("span.note", {}, "The key stays in the memory of this page and is sent only to the base URL.")),
  );
  const element = h(
    "div.live",
    {},
    form,
    h("section", {}, h("div.toolbar", {}, h("h2", {}, "As curl"), copy), command),
    h("section", {}, h("h2", {}, "Response"), outcome),
  );

  const liveCall = (isDryRun: boolean): LiveCall => ({
    operation: operation.select.value as Operation,
    baseUrl: baseUrl.field.value,
    apiKey: apiKey.field.value,
    targetId: sessionId.field.value,
    userId: userId.field.value,
    name: name.field.value,
    scope: scope.field.value,
    includeSystem: includeSystem.checked,
    text: workspace.input.text,
    existing: workspace.input.existing,
    isDryRun,
  });

  const showRequest = coalesce(async (call: LiveCall) => {
    if (call.baseUrl === "" || call.targetId === "") {
      command.textContent = "Enter the base URL and the session id to see the request.";
      return;
    }
    const { request, error } = await callLive(call);
    command.textContent = request ? curl(request) : `No request: ${error?.message ?? ""}`;
    copy.disabled = !request;
  });

  function redraw(): void {
    const { operation } = liveCall(true);
    for (const [name, field] of Object.entries(optional)) field.hidden = !(extraFields[operation] ?? []).includes(name);
    submit.textContent = writeOperations.has(operation) ? "Send" : "Fetch";
    showRequest(liveCall(true));
  }

  async function send(): Promise<void> {
    isOperationChosen = true;
    submit.disabled = true;
    replaceChildren(outcome, h("p", {}, "In progress…"));
    const call = liveCall(false);
    const result = await callLive(call);
    submit.disabled = false;
    replaceChildren(outcome, resultElements(workspace, result));
    if (!result.error && !writeOperations.has(call.operation) && result.body) workspace.load({ text: result.body });
  }

  return {
    element,
    update({ checkResult }) {
      // The operation follows the kind of the document until the user chooses one.
      if (!isOperationChosen && checkResult) operation.select.value = defaultOperations[checkResult.kind];
      redraw();
    },
  };
}

function resultElements(workspace: Workspace, { status, body, durationMs, error }: LiveResult) {
  return [
    h(
      "p",
      {},
      h("strong", { class: error ? "bad" : "good" }, error ? error.name : "Done"),
      `${status === undefined ? "" : `, status ${status}`}, ${formatMilliseconds(durationMs)}${body ? `, ${formatBytes(body.length)}` : ""}.`,
    ),
    error && h("p.problem", {}, error.message),
    error?.hint && h("p.hint", {}, error.hint),
    error?.name === "NetworkError" &&
      h("p.hint", {}, "A browser also blocks responses of servers that do not allow other origins (CORS). Use the curl command instead."),
    body && h("pre.response", { tabindex: 0, "aria-label": "The response" }, body.length > maxShownChars ? `${body.slice(0, maxShownChars)}…` : body),
    body && !error && h("button", { type: "button", click: () => workspace.load({ text: body }) }, "Open in the editor"),
  ];
}

function textField(label: string, attributes: Record<string, string | boolean>) {
  const field = h("input", { type: "text", spellcheck: "false", autocapitalize: "off", ...attributes });
  return { field, label: h("label.field", {}, h("span", {}, label), field) };
}
