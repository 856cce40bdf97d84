/** Fetches from and sends to a tenant or the sandbox. The key lives in this page's memory alone. */
import { choice, fill, h } from "../base/dom";
import { bytes, milliseconds } from "../base/figures";
import { latest } from "../base/latest";
import type { Session, View } from "../base/session";
import { call } from "../live/call";
import { curl } from "../live/curl";
import type { Kind } from "../rules/shapes";
import type { LiveAnswer, LiveCall, Operation } from "../live/shapes";

const operations: readonly (readonly [Operation, string])[] = [
  ["injectContext", "Inject the context (platform)"],
  ["inject", "Inject the payload (sessions_v2)"],
  ["getVariables", "Fetch variables (botsessions)"],
  ["getDocument", "Fetch the context document (sessions_v1)"],
  ["updateState", "Update the dialog's state (runtime_v2)"],
];

/** Which of the fields an operation has, beside those that all have. */
const fieldsOf: Partial<Record<Operation, readonly string[]>> = { injectContext: ["user"], getVariables: ["name", "scope", "system"] };
const fitting: Readonly<Record<Kind, Operation>> = {
  context: "injectContext",
  payload: "inject",
  state: "updateState",
  answer: "getVariables",
};

const sends = new Set<Operation>(["injectContext", "inject", "updateState"]);

export function liveView(session: Session): View {
  let chosen = false;
  const operation = choice("Operation", operations, () => {
    chosen = true;
    redraw();
  });
  const baseUrl = input("Base URL", { type: "url", placeholder: "https://api-trial.cognigy.ai", required: true });
  const apiKey = input("API key", { type: "password", autocomplete: "off" });
  const sessionId = input("Session id", { required: true });
  const user = input("User id", {});
  const name = input("Name", {});
  const scope = input("Scope", { placeholder: "any" });
  const system = h("input", { type: "checkbox", change: () => redraw() });
  const optional: Record<string, HTMLElement> = {
    user: user.label,
    name: name.label,
    scope: scope.label,
    system: h("label.check", {}, system, "System variables"),
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
    h("div.toolbar", {}, submit, h("span.note", {}, "The key stays in this page's memory and goes nowhere else.")),
  );
  const element = h(
    "div.live",
    {},
    form,
    h("section", {}, h("div.toolbar", {}, h("h2", {}, "As curl"), copy), command),
    h("section", {}, h("h2", {}, "Answer"), outcome),
  );

  const asked = (dryRun: boolean): LiveCall => ({
    operation: operation.select.value as Operation,
    baseUrl: baseUrl.field.value,
    apiKey: apiKey.field.value,
    session: sessionId.field.value,
    user: user.field.value,
    name: name.field.value,
    scope: scope.field.value,
    includeSystem: system.checked,
    text: session.subject.text,
    existing: session.subject.existing,
    dryRun,
  });

  const preview = latest(async (wanted: LiveCall) => {
    if (wanted.baseUrl === "" || wanted.session === "") {
      command.textContent = "Give the base URL and the session id to see the request.";
      return;
    }
    const { sent, failed } = await call(wanted);
    command.textContent = sent ? curl(sent) : `No request: ${failed?.message ?? ""}`;
    copy.disabled = !sent;
  });

  function redraw(): void {
    const { operation } = asked(true);
    for (const [name, field] of Object.entries(optional)) field.hidden = !(fieldsOf[operation] ?? []).includes(name);
    submit.textContent = sends.has(operation) ? "Send" : "Fetch";
    preview(asked(true));
  }

  async function send(): Promise<void> {
    chosen = true;
    submit.disabled = true;
    fill(outcome, h("p", {}, "Under way…"));
    const wanted = asked(false);
    const answer = await call(wanted);
    submit.disabled = false;
    fill(outcome, answerOf(session, answer));
    if (!answer.failed && !sends.has(wanted.operation) && answer.body) session.load({ text: answer.body });
  }

  return {
    element,
    update({ verdict }) {
      // What fits the document, until somebody chooses.
      if (!chosen && verdict) operation.select.value = fitting[verdict.kind];
      redraw();
    },
  };
}

function answerOf(session: Session, { status, body, took, failed }: LiveAnswer) {
  return [
    h(
      "p",
      {},
      h("strong", { class: failed ? "bad" : "good" }, failed ? failed.name : "Done"),
      `${status === undefined ? "" : `, status ${status}`}, ${milliseconds(took)}${body ? `, ${bytes(body.length)}` : ""}.`,
    ),
    failed && h("p.problem", {}, failed.message),
    failed?.hint && h("p.hint", {}, failed.hint),
    failed?.name === "NetworkError" &&
      h("p.hint", {}, "A browser also refuses answers of servers that do not allow other origins (CORS); the curl command works all the same."),
    body && h("pre.answer", { tabindex: 0, "aria-label": "The answer" }, body.length > 10_000 ? `${body.slice(0, 10_000)}…` : body),
    body && !failed && h("button", { type: "button", click: () => session.load({ text: body }) }, "Open in the editor"),
  ];
}

function input(label: string, attributes: Record<string, string | boolean>) {
  const field = h("input", { type: "text", spellcheck: "false", autocapitalize: "off", ...attributes });
  return { field, label: h("label.field", {}, h("span", {}, label), field) };
}
