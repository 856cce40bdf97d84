/** The JavaScript driver of the scenarios that every client runs. */
import { readFileSync } from "node:fs";

const file = new URL("../../scenarios/scenarios.json", import.meta.url);

/** The expected number of scenarios. Each driver asserts it, so that no driver misses a scenario. */
export const SCENARIOS = 54;

export const readScenarios = () => JSON.parse(readFileSync(file, "utf8"));

/**
 * Runs one scenario against a new sandbox. Returns a description of the first difference from the
 * expectation, or `null`. The function uses nothing outside itself, so that its source can be sent to a
 * page.
 */
export async function runScenario(api, url, scenario) {
  const snake = (name) => name.replace(/[A-Z]|(?<=[a-z])\d+$/g, (part) => `_${part.toLowerCase()}`);
  const camel = (name) => name.replace(/_([a-z0-9])/g, (_, letter) => letter.toUpperCase());
  /** Renames the keys of an object. */
  const renamed = (object, rename) =>
    Object.fromEntries(Object.entries(object).map(([name, value]) => [rename(name), value]));
  const record = (entry) => ({ ...renamed(entry, snake), details: renamed(entry.details, snake) });

  /** Expands `$repeat`. */
  const expand = (value) => {
    if (Array.isArray(value)) return value.map(expand);
    if (typeof value !== "object" || value === null) return value;
    if ("$repeat" in value) return value.$repeat[0].repeat(value.$repeat[1]);
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, expand(item)]));
  };

  /** Describes the first difference from the expectation, or returns `null`. */
  const mismatch = (expected, found, at = "") => {
    const isMissing = found === undefined || found === null;
    if (typeof expected !== "object" || expected === null) {
      return Object.is(expected ?? null, found ?? null)
        ? null
        : `${JSON.stringify(found)} at ${at}, expected ${JSON.stringify(expected)}`;
    }
    if (Array.isArray(expected)) {
      if (!Array.isArray(found)) return `no list at ${at}`;
      if (found.length !== expected.length) {
        return `${found.length} items at ${at}, expected ${expected.length}`;
      }
      return expected.map((item, n) => mismatch(item, found[n], `${at}/${n}`)).find(Boolean) ?? null;
    }
    if ("$any" in expected) return isMissing ? `nothing at ${at}` : null;
    if ("$none" in expected) return isMissing ? null : `something at ${at}`;
    if ("$at_least" in expected) {
      return found >= expected.$at_least ? null : `${found} at ${at}, less than expected`;
    }
    if ("$json" in expected) return mismatch(expected.$json, JSON.parse(found), at);
    if (typeof found !== "object" || found === null) return `no object at ${at}`;
    const parts = Object.entries(expected);
    return parts.map(([key, part]) => mismatch(part, found[key], `${at}/${key}`)).find(Boolean) ?? null;
  };

  const control = async ({ method, path, body }) => {
    const sent = body === undefined ? {} : { body: JSON.stringify(expand(body)) };
    const response = await fetch(url + path, { method, ...sent });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
    return text === "" ? null : JSON.parse(text);
  };

  const clientOf = (options) => {
    const { auth = "client", crm_webhook, snapshot_webhook, ...others } = options;
    const credentials = {
      client: { clientId: "sandbox", clientSecret: "sandbox" },
      wrong: { clientId: "sandbox", clientSecret: "not-the-secret" },
      key: { apiKey: "sandbox-key" },
      bearer: { bearerToken: "an-unknown-token" },
    };
    if (!(auth in credentials)) throw new Error(`unknown auth ${auth}`);
    const webhook = `${url}/_sandbox/webhook`;
    return new api.Client({
      baseUrl: url,
      dangerouslyAllowClientSecret: true,
      maxConcurrent: 64,
      rate: null,
      platformRate: options.rate ?? null,
      // No scenario tests these timeouts, and a busy machine may be slow.
      attemptTimeout: 600,
      tokenTimeout: 600,
      ...credentials[auth],
      ...renamed(others, camel),
      ...(crm_webhook ? { crmWebhook: webhook } : {}),
      ...(snapshot_webhook ? { snapshotWebhook: webhook } : {}),
    });
  };

  const update = ({ session, user, next_step }) => ({ session, user, nextStep: next_step });
  const condition = ({ if_match, rebase }) => ({ ifMatch: if_match, rebase });
  const query = ({ name, scope, include_system }) => ({ name, scope, includeSystem: include_system });
  const calls = {
    inject: async (client, { session_id, variables, crm_payload }) => {
      const listed = variables.map((variable) => renamed(variable, camel));
      const payload = new api.InjectionPayload(session_id, listed);
      return renamed(await client.inject(payload, { crmPayload: crm_payload }), snake);
    },
    get_injected: (client, { session_id }) => client.getInjected(session_id),
    session_exists: (client, { session_id }) => client.sessionExists(session_id),
    append_variables: (client, args) => client.appendVariables(args.session_id, args.variables),
    get_document: (client, { session_id }) => client.getDocument(session_id),
    sync_context: (client, { session_id, data }) => client.syncContext(session_id, data),
    get_variables: async (client, args) => {
      const variables = await client.getVariables(args.session_id, query(args));
      return Object.fromEntries(variables);
    },
    debug_snapshot: async (client, args) => {
      const snapshot = renamed(await client.debugSnapshot(args.session_id, query(args)), snake);
      const metrics = renamed(snapshot.metrics, snake);
      return { ...snapshot, metrics: { ...metrics, audit_trail: metrics.audit_trail.map(record) } };
    },
    get_state: (client, { dialog_id }) => client.getState(dialog_id),
    update_state: async (client, args) =>
      renamed(await client.updateState(args.dialog_id, update(args), condition(args)), snake),
    update_state_parts: async (client, args) => {
      const parts = await client.updateStateParts(args.dialog_id, update(args), condition(args));
      return parts.map((part) => renamed(part, snake));
    },
    inject_context: (client, { session_id, user_id, context, existing }) =>
      client.injectContext(session_id, user_id, context, { existing }),
    reset_context: (client, args) =>
      client.resetContext(args.session_id, args.user_id, args.flow_reference_id, args.entrypoint),
    inject_state: (client, args) => client.injectState(args.session_id, args.user_id, args.state),
    reset_state: (client, args) => client.resetState(args.session_id, args.user_id),
    list_profiles: (client) => client.listProfiles(),
    get_profile: (client, { profile_id }) => client.getProfile(profile_id),
    create_profile: (client, { fields }) => client.createProfile(fields),
    update_profile: (client, { profile_id, fields }) => client.updateProfile(profile_id, fields),
    delete_profile: (client, { profile_id }) => client.deleteProfile(profile_id),
    metrics: async (client) => renamed(client.metrics(), snake),
    state_metrics: async (client) => renamed(client.stateMetrics(), snake),
    audit_trail: async (client, { count }) => client.auditTrail(count).map(record),
    drain: (client, { seconds }) => client.drain(seconds),
  };

  /** Returns the fields of an error in snake_case. Its `kind` is the class name without `Error`. */
  const failure = (error) => {
    if (!(error instanceof api.CognigyError)) throw error;
    const kind = snake(error.name.replace(/Error$/, "")).slice(1);
    const issues = error.report?.errors.map(({ code }) => code);
    return { ...renamed(error, snake), kind, issues };
  };

  /** Makes the call of one step. Returns the first difference, or `null`, and stores parts in `saved`. */
  const step = async (client, { call, args, expect, parallel = 1, save = {} }, saved) => {
    const filled = JSON.parse(JSON.stringify(expand(args)), (_, value) =>
      typeof value === "string" && value[0] === "$" ? saved[value.slice(1)] : value,
    );
    if (!(call in calls)) throw new Error(`unknown call ${call}`);
    const outcomes = await Promise.all(
      Array.from({ length: parallel }, () =>
        calls[call](client, filled).then(
          (ok) => ({ ok }),
          (error) => ({ error: failure(error) }),
        ),
      ),
    );
    for (const outcome of outcomes) {
      const expected = "ok" in expect ? "ok" : "error";
      if (!(expected in outcome)) return `${call}: got ${JSON.stringify(outcome)}`;
      const difference = mismatch(expect[expected], outcome[expected]);
      if (difference) return `${call}: ${difference} in ${JSON.stringify(outcome)}`;
      for (const [name, pointer] of Object.entries(save)) {
        saved[name] = pointer.split("/").slice(1).reduce((value, key) => value[key], outcome.ok);
      }
    }
    return null;
  };

  for (const request of scenario.control ?? []) await control(request);
  const client = clientOf(scenario.client ?? {});
  try {
    const saved = {};
    for (const each of scenario.steps) {
      if (each.control) await control(each.control);
      else {
        const difference = await step(client, each, saved);
        if (difference) return difference;
      }
    }
    for (const request of scenario.then ?? []) {
      const difference = mismatch(request.expect ?? {}, await control(request));
      if (difference) return `${request.method} ${request.path}: ${difference}`;
    }
    return null;
  } finally {
    client.free();
  }
}
