/** Rows 8 to 9c: checks of 100 variables, as JSON text, as a context of objects, and as a payload. */
import assert from "node:assert/strict";
import Ajv from "ajv";
import { z } from "zod";
import { checkJson, injectContextRequest, InjectionPayload, Policy } from "cognigy-context";
import { createContext } from "./data.mjs";
import { compare } from "./measure.mjs";

const COUNT = 100;
const value = createContext(COUNT);
const text = JSON.stringify(value);
const policy = new Policy("platform");

// Like the policy, the peers reject empty keys. They measure sizes with Buffer.byteLength. They do not count
// platform bytes, and find no duplicate keys, unreadable keys or unsafe integers.
const variableSchema = {
  type: "object",
  required: ["label", "value", "open", "tags"],
  properties: {
    label: { type: "string" },
    value: { type: ["string", "number"] },
    open: { type: "boolean" },
    tags: { type: "array", items: { type: ["string", "number"] } },
  },
};
const ajv = new Ajv({ allErrors: true, allowUnionTypes: true });
const validate = ajv.compile({
  type: "object",
  propertyNames: { minLength: 1 },
  additionalProperties: variableSchema,
});
const zodSchema = z.record(
  z.string().min(1),
  z.object({
    label: z.string(),
    value: z.union([z.string(), z.number()]),
    open: z.boolean(),
    tags: z.array(z.union([z.string(), z.number()])),
  }),
);

export function rows() {
  compareText();
  compareObjects();
  comparePayloads();
}

function compareText() {
  const ours = () => {
    const { ok, sizes } = checkJson(text, policy);
    return { ok, bytes: sizes.jsonBytes };
  };
  const byAjv = () => {
    const parsed = JSON.parse(text);
    return { ok: validate(parsed), bytes: Buffer.byteLength(JSON.stringify(parsed)) };
  };
  assert.deepEqual(ours(), byAjv());
  compare(
    "8",
    `Node: JSON text of ${COUNT} variables (${(text.length / 1000).toFixed(1)} kB) → verdict and sizes`,
    "JSON.parse + ajv + Buffer.byteLength",
    "≤ 0.25×",
    ours,
    byAjv,
  );
}

/** Reads a body, because JavaScript joins a string of many parts only when it is first read. */
const read = (body) => {
  body.charCodeAt(body.length - 1);
  return body;
};

/** The payload limit of the policy `platform`. */
const MAX_PAYLOAD_BYTES = 60_000;

function assertFits(body) {
  if (Buffer.byteLength(body) > MAX_PAYLOAD_BYTES) throw new Error("too large");
  return body;
}

function compareObjects() {
  const ours = () => {
    const call = { baseUrl: "https://api.example", sessionId: "s", userId: "u", policy, context: value };
    return read(injectContextRequest(call).body);
  };
  const byAjv = () => {
    assert.ok(validate(value));
    return read(assertFits(JSON.stringify({ userId: "u", context: value })));
  };
  const byZod = () => read(assertFits(JSON.stringify({ userId: "u", context: zodSchema.parse(value) })));
  assert.equal(ours(), byAjv());
  assert.equal(ours(), byZod());
  const work = `Node: ${COUNT} variables (objects) → checked body text`;
  compare("9", work, "ajv + JSON.stringify + byteLength", "≤ 1.2×", ours, byAjv);
  compare("9b", work, "zod + JSON.stringify + byteLength", "≤ 1×", ours, byZod);
}

function comparePayloads() {
  const variables = Object.entries(value).map(([key, value]) => ({ key, value }));
  const validatePayload = ajv.compile({
    type: "array",
    items: {
      type: "object",
      required: ["key", "value"],
      properties: { key: { type: "string", pattern: "^[\\p{L}\\p{N}_-]{1,128}$" }, value: variableSchema },
    },
  });
  const ours = () => read(new InjectionPayload("s", variables).toJson());
  const byAjv = () => {
    assert.ok(validatePayload(variables));
    const sent = variables.map(({ key, value }) => ({ key, value, scope: "session", expiresAt: null }));
    const names = new Set(sent.map(({ key, scope }) => `${scope} ${key}`));
    if (names.size !== sent.length) throw new Error("duplicate name");
    return read(assertFits(JSON.stringify({ variables: sent, mergeStrategy: "atomic_put" })));
  };
  assert.equal(ours(), byAjv());
  compare(
    "9c",
    `Node: payload of ${COUNT} variables (objects) → checked body text`,
    "ajv + loops + JSON.stringify + byteLength",
    "for comparison",
    ours,
    byAjv,
  );
}
