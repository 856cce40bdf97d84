/** Reads and runs the corpus (tests/corpus), the same in Node, browsers, edge workers and isolates. */
import { readFileSync } from "node:fs";

const folder = new URL("../../corpus/", import.meta.url);

/** Returns the abilities (`can`) and the number of cases of a runner, and the JSON text of every case file. */
export function readCorpus(runner) {
  const index = JSON.parse(readFileSync(new URL("index.json", folder), "utf8"));
  const { can, cases } = index.runners[runner];
  const files = index.files.map(({ file }) => ({
    file,
    text: readFileSync(new URL(file, folder), "utf8"),
  }));
  return { can, cases, files };
}

/**
 * Runs every case that a runner can run. Returns `{ran, failures}`: the number of cases that ran, and a
 * description of each failure. The function uses nothing outside itself, so that its source can be sent to a
 * page, a worker or an isolate.
 *
 * @param api the package
 * @param can the abilities of the runner, from the index
 * @param files the case files, each as `{file, text}` with JSON text
 */
export function runCorpus(api, can, files) {
  const asText = can.includes("text");
  const failures = [];
  let ran = 0;
  for (const { file, text } of files) {
    for (const testCase of parseExactly(text).cases) {
      if (!(testCase.requires ?? []).every((ability) => can.includes(ability))) continue;
      ran += 1;
      let problem;
      try {
        problem = difference(testCase.expect, outcomeOf(testCase));
      } catch (error) {
        problem = `threw ${String(error?.stack ?? error)}`;
      }
      if (problem) failures.push(`${file}: ${testCase.name}: ${problem}`);
    }
  }
  return { ran, failures };

  // --- running ---------------------------------------------------------------------------------

  function outcomeOf(testCase) {
    try {
      switch (testCase.operation) {
        case "check":
          return { report: runCheck(testCase) };
        case "measure":
          return { sizes: runMeasure(testCase) };
        case "policy":
          return { policy: makePolicy(testCase.input) };
        case "inject_context_request":
          return { request: api.injectContextRequest(argumentsOf(testCase.input)) };
        default:
          return runWorkflow(testCase);
      }
    } catch (error) {
      if (error instanceof api.ValidationError) return { report: error.report, refused: true };
      if (error instanceof api.ConfigurationError) return { error: "configuration" };
      if (error instanceof api.ProtocolError) return { protocol: error.message };
      throw error;
    }
  }

  function runWorkflow(testCase) {
    const { operation, mode, hint } = testCase;
    const input = operation === "context_manager" ? undefined : valueOf(testCase.input);
    switch (operation) {
      case "coerce":
        return { value: api.coerce(input, mode, hint) };
      case "resolve_scopes":
        return { value: [...api.resolveScopes(input).values()] };
      case "debug_view":
        return { value: api.debugView(input) };
      case "parse_variables": {
        const variables = api.parseVariables(testCase.pages, { mode });
        const { issues } = variables;
        return {
          view: testCase.expect.view && api.debugView(variables),
          next_cursor: variables.nextCursor ?? null,
          report: { issues, ok: issues.every(({ severity }) => severity === "warning") },
        };
      }
      case "variables_url": {
        const { base_url, session_id, ...query } = input;
        return { value: api.variablesUrl(base_url, session_id, camelKeys(query)) };
      }
      case "injection_payload":
        return withTime(testCase.now, () => body(payloadOf(input)));
      case "state_update":
        return body(new api.StateUpdate(camelKeys(input)));
      case "split_state_update": {
        const parts = new api.StateUpdate(camelKeys(input)).split();
        return { parts: parts.map((part) => part.toApiBody()) };
      }
      case "serialize_context":
        return { value: api.serializeContext(input) };
      case "deep_merge":
        return { value: api.deepMerge(input.base, input.update) };
      case "webhook_event": {
        const now = testCase.now && new Date(testCase.now);
        const event = asText ? writtenOf(testCase.input) : input;
        return { value: api.webhookVariables(event, { now }) };
      }
      case "hash_session_id":
        return { value: api.hashSessionId(input, testCase.key) };
      case "schema_apply":
        return { value: new api.Schema(testCase.schema).apply(input) };
      case "context_manager":
        return { steps: runSteps(testCase.input) };
      default:
        throw new Error(`unknown operation: ${operation}`);
    }
  }

  /** Returns the body and report of a payload or update. The body must be the same as text and as an object. */
  function body(message) {
    const text = message.toJson();
    const sameBody = JSON.stringify(message.toApiBody()) === text;
    return { body: sameBody ? text : "a different body as an object", report: message.check() };
  }

  function payloadOf({ session_id, variables, merge_strategy }) {
    return new api.InjectionPayload(session_id, variables.map(camelKeys), {
      mergeStrategy: merge_strategy,
    });
  }

  /** Calls a function while `Date.now` returns a fixed time, given as RFC 3339 text. */
  function withTime(time, action) {
    const { now } = Date;
    Date.now = () => Date.parse(time);
    try {
      return action();
    } finally {
      Date.now = now;
    }
  }

  /** Runs the steps of a context manager. Returns "as stated", which the cases expect, or the differences. */
  function runSteps({ options, steps }) {
    let now = 1_767_225_600;
    const manager = new api.ContextManager({ ...camelKeys(options), clock: () => now });
    const problems = [];
    steps.forEach((step, index) => {
      const compare = (what, expected, actual) => {
        const [a, b] = [written(valueOf(expected)), written(actual)];
        if (a !== b) problems.push(`step ${index}, ${what}: expected ${a}, was ${b}`);
      };
      if (step.wait !== undefined) {
        now += step.wait;
      } else if (step.reset !== undefined) {
        manager.reset(step.reset);
      } else if (step.inspect !== undefined) {
        const found = manager.inspect(step.inspect);
        compare("context", step.context, found.current_context);
        compare("schema_valid", step.schema_valid, found.schema_valid);
        if (step.ttl_paths) compare("ttl_paths", step.ttl_paths, Object.keys(found.ttl_registry));
        const actions = found.recent_audit_trail.map(({ action }) => action);
        if (step.actions) compare("actions", step.actions, actions);
      } else {
        let result;
        try {
          result = manager.update(step.session_id, valueOf(step.update));
        } catch (error) {
          if (!(error instanceof api.ValidationError)) throw error;
          compare("issues", sorted(step.issues), sorted(factsOf(error.report, step.issues)));
          return;
        }
        compare("issues", step.issues, undefined);
        for (const what of ["context", "expired", "pruned"]) compare(what, step[what], result[what]);
      }
    });
    return problems.join("; ") || "as stated";
  }

  function runCheck(testCase) {
    const { existing } = testCase;
    const rest = [policyArgument(testCase.policy), existing && valueOf(existing)];
    return useText(testCase)
      ? api.checkJson(textOf(testCase), ...rest)
      : api.check(valueOf(testCase.input), ...rest);
  }

  function runMeasure(testCase) {
    return useText(testCase)
      ? api.measureJson(textOf(testCase))
      : api.measure(valueOf(testCase.input));
  }

  function makePolicy(spec) {
    if (typeof spec === "string") return new api.Policy(spec);
    if (spec === null || typeof spec !== "object" || Array.isArray(spec)) {
      // A spec that is not an object cannot be split into constructor arguments.
      return api.check({}, spec);
    }
    const { preset, ...overrides } = camelKeys(spec);
    return new api.Policy(preset, overrides);
  }

  function argumentsOf(input) {
    const { context, existing, policy, ...address } = input;
    return {
      ...camelKeys(address),
      context: valueOf(context),
      ...(existing === undefined ? {} : { existing: valueOf(existing) }),
      ...(policy === undefined ? {} : { policy: policyArgument(policy) }),
    };
  }

  function policyArgument(policy) {
    return policy !== null && typeof policy === "object" ? camelKeys(policy) : policy;
  }

  // --- comparing ---------------------------------------------------------------------------------

  /** Describes the differences between the expected and the actual outcome; empty if there are none. */
  function difference(expected, outcome) {
    const problems = [];
    const compare = (what, expectedValue, actualValue) => {
      const [a, b] = [canonical(expectedValue), canonical(actualValue)];
      if (a !== b) problems.push(`${what}: expected ${a}, was ${b}`);
    };
    if (expected.issues || outcome.report) {
      compare("issues", expected.issues ?? [], factsOf(outcome.report, expected.issues));
    }
    if (expected.issues) {
      const isRefused = expected.issues.some(({ severity }) => severity === "error");
      compare("refused", isRefused, outcome.report ? !outcome.report.ok : false);
    }
    if (expected.sizes) {
      compare("sizes", camelKeys(expected.sizes), outcome.sizes ?? outcome.report?.sizes);
    }
    if (expected.policy) {
      for (const [field, value] of Object.entries(camelKeys(expected.policy))) {
        compare(field, value, outcome.policy?.[field]);
      }
    }
    if (expected.request) compare("request", expected.request, outcome.request);
    compare("error", expected.error, outcome.error);
    for (const what of ["value", "view", "parts"]) {
      if (what in expected || what in outcome) {
        // `written` keeps the order of keys, so that it is compared too.
        compare(what, written(valueOf(expected[what])), written(outcome[what]));
      }
    }
    if (expected.body !== undefined) {
      compare("body", written(valueOf(expected.body)), outcome.body);
    }
    if (expected.next_cursor !== undefined) {
      compare("next_cursor", expected.next_cursor, outcome.next_cursor);
    }
    compare("steps", expected.steps, outcome.steps);
    if (expected.protocol !== undefined || outcome.protocol !== undefined) {
      const isIncluded = outcome.protocol?.includes(expected.protocol);
      if (!isIncluded) problems.push(`${expected.protocol} is not in ${outcome.protocol}`);
    }
    return problems.map((problem) => problem.slice(0, 2000)).join("; ");
  }

  /** Returns the issues of a report, with a message or hint only where the case states one. */
  function factsOf(report, expected = []) {
    return (report?.issues ?? []).map((issue, index) => {
      const { code, severity, path, limit, actual, message, hint } = issue;
      const stated = expected[index] ?? {};
      return {
        code,
        severity,
        path,
        limit,
        actual,
        ...("message" in stated && { message }),
        ...("hint" in stated && { hint }),
      };
    });
  }

  /** Returns JSON text with sorted keys. */
  function canonical(value) {
    return written(sorted(value));
  }

  function sorted(value) {
    if (Array.isArray(value)) return value.map(sorted);
    if (value === null || typeof value !== "object") return value;
    const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
    return Object.fromEntries(entries.map(([key, item]) => [key, sorted(item)]));
  }

  /** Returns JSON text in which a BigInt has the form `$integer`. */
  function written(value) {
    return JSON.stringify(value, (_, part) =>
      typeof part === "bigint" ? { $integer: String(part) } : part,
    );
  }

  // --- the forms of tests/corpus/README.md ------------------------------------------------------------------

  function useText(testCase) {
    return asText || testCase.text !== undefined || testCase.hex !== undefined;
  }

  function textOf(testCase) {
    if (testCase.hex !== undefined) {
      const pairs = testCase.hex.match(/../g) ?? [];
      return Uint8Array.from(pairs, (pair) => parseInt(pair, 16));
    }
    if (testCase.text === undefined) return writtenOf(testCase.input);
    const parts = Array.isArray(testCase.text) ? testCase.text : [testCase.text];
    return parts.map((part) => (typeof part === "string" ? part : valueOf(part))).join("");
  }

  /** Returns the name and the argument of a corpus form, or `undefined` for any other value. */
  function formOf(value) {
    if (value === null || typeof value !== "object" || Array.isArray(value)) return undefined;
    const keys = Object.keys(value);
    return keys.length === 1 && keys[0].startsWith("$") ? [keys[0], value[keys[0]]] : undefined;
  }

  /** Returns a value with all corpus forms in it replaced by their values. */
  function valueOf(value) {
    if (Array.isArray(value)) return value.map(valueOf);
    if (value === null || typeof value !== "object") return value;
    const [form, argument] = formOf(value) ?? [];
    switch (form) {
      case undefined:
        return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, valueOf(item)]));
      case "$repeat":
        return argument[0].repeat(argument[1]);
      case "$list":
        return Array.from({ length: argument[0] }, () => valueOf(argument[1]));
      case "$map":
        return Object.fromEntries(
          Array.from({ length: argument[0] }, (_, at) => [`${argument[1]}${at}`, valueOf(argument[2])]),
        );
      case "$nest":
        return nest(argument[0], valueOf(argument[1]), (inner) => [inner]);
      case "$nest_objects":
        return nest(argument[0], valueOf(argument[1]), (inner) => ({ k: inner }));
      case "$integer":
        return BigInt(argument);
      case "$entries":
        return new Map(argument.map(([key, item]) => [valueOf(key), valueOf(item)]));
      case "$value":
        return specialValue(argument);
      default:
        throw new Error(`unknown form: ${form}`);
    }
  }

  function specialValue(name) {
    switch (name) {
      case "nan":
        return NaN;
      case "infinity":
        return Infinity;
      case "-infinity":
        return -Infinity;
      case "lone_surrogate":
        return "\ud83d";
      case "unserializable":
        return () => {};
      case "cycle": {
        const cycle = {};
        cycle.self = cycle;
        return cycle;
      }
      case "list_cycle": {
        const cycle = [];
        cycle.push(cycle);
        return cycle;
      }
      default:
        throw new Error(`unknown value: ${name}`);
    }
  }

  function nest(levels, leaf, wrap) {
    let value = leaf;
    for (let level = 0; level < levels; level++) value = wrap(value);
    return value;
  }

  /** Returns the JSON text of a value with corpus forms, as `JSON.stringify` writes their values. */
  function writtenOf(value) {
    if (Array.isArray(value)) return `[${value.map(writtenOf).join(",")}]`;
    if (value === null || typeof value !== "object") return JSON.stringify(value);
    const [form, argument] = formOf(value) ?? [];
    switch (form) {
      case "$integer":
        return argument;
      case "$list":
        return `[${Array(argument[0]).fill(writtenOf(argument[1])).join(",")}]`;
      case "$nest":
        return "[".repeat(argument[0]) + writtenOf(argument[1]) + "]".repeat(argument[0]);
      case "$nest_objects":
        return '{"k":'.repeat(argument[0]) + writtenOf(argument[1]) + "}".repeat(argument[0]);
      case undefined: {
        const members = Object.entries(value).map(
          ([key, item]) => `${JSON.stringify(key)}:${writtenOf(item)}`,
        );
        return `{${members.join(",")}}`;
      }
      default:
        return JSON.stringify(valueOf(value));
    }
  }

  /** Parses a case file without rounding: an integer beyond ±(2^53−1) becomes `{"$integer": "digits"}`. */
  function parseExactly(json) {
    const tokens = /"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;
    return JSON.parse(
      json.replace(tokens, (token) =>
        /^-?\d{16,}$/.test(token) && !Number.isSafeInteger(Number(token))
          ? `{"$integer":"${token}"}`
          : token,
      ),
    );
  }

  /** Converts the keys of an object from snake_case to camelCase, at the top level only. */
  function camelKeys(object) {
    return Object.fromEntries(
      Object.entries(object).map(([key, value]) => [
        key.replace(/_([a-z])/g, (_, letter) => letter.toUpperCase()),
        value,
      ]),
    );
  }
}
