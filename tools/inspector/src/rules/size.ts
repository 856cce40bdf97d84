/** Measures a document against the limits of every preset, and the size of each key. */
import type { PresetName, Report } from "cognigy-context/browser";
import { detectKind } from "./detect-kind";
import { listVariables, parseExisting, toVariableMap } from "./document-parts";
import { type Json, type JsonObject, isObject, parse, pointerToken } from "./json";
import { check, measure, Policy } from "./package";
import type { CheckInput, LimitUsage, ReplacedKey, SizeData, SizeNode } from "./types";

const presets: readonly PresetName[] = ["platform", "platform_app", "context", "injection", "state"];

/** Returns the sizes of a document; `undefined` if it is not a JSON object. */
export function measureSize(input: CheckInput): SizeData | undefined {
  const value = parse(input.text);
  if (!isObject(value)) return undefined;
  const kind = input.kind === "auto" ? detectKind(value) : input.kind;
  const existing = parseExisting(input.existing);
  const { map, toDocumentPath } = toVariableMap(kind, value);
  const defaultPresets: Record<typeof kind, PresetName> = {
    context: "platform",
    payload: "injection",
    state: "state",
    variables: "platform",
  };
  const activePreset = input.policy === "auto" ? defaultPresets[kind] : input.policy;
  // The body of a payload is a list, not a map.
  const sent = kind === "payload" ? listVariables(kind, value).list : map;
  const limits: LimitUsage[] = [];
  const replacedKeys: ReplacedKey[] = [];
  for (const preset of presets) {
    const report = check(map, preset, existing);
    limits.push(...measureLimits(preset, preset === activePreset, { map, sent, existing, report }));
    for (const { code, path, limit, actual } of report.issues) {
      if (code !== "would_be_replaced") continue;
      replacedKeys.push({ preset, path: toDocumentPath(path), limit: limit ?? 0, actual: actual ?? 0 });
    }
  }
  limits.sort((one, other) => Number(other.isActive) - Number(one.isActive));
  const sizes = measure(map);
  const root = {
    name: "",
    path: "",
    json: sizes.jsonBytes,
    platform: sizes.platformBytes,
    children: measureChildren(map, toDocumentPath, "", 0, sizes.jsonBytes),
  };
  return { sizes, limits, root, replacedKeys };
}

interface MeasuredDocument {
  /** The variables by name. */
  readonly map: JsonObject;
  /** The value whose size is the size of the body. */
  readonly sent: Json;
  readonly existing: JsonObject | undefined;
  readonly report: Report;
}

/** Returns the usage of each limit of a preset. */
function measureLimits(preset: PresetName, isActive: boolean, { map, sent, existing, report }: MeasuredDocument): LimitUsage[] {
  const policy = new Policy(preset);
  const { maxPayloadBytes, maxContextBytes, maxValueBytes, contextUnit, stripInternal } = policy;
  policy.free();
  // Internal keys are not sent, and the sizes of the report exclude them.
  const body = stripInternal ? report.sizes.jsonBytes : measure(sent).jsonBytes;
  const limits: LimitUsage[] = [];
  if (maxPayloadBytes !== null) {
    limits.push({ preset, subject: "body", unit: "json", used: body, limit: maxPayloadBytes, isActive });
  }
  if (maxContextBytes !== null) {
    const merged = existing ? measure({ ...existing, ...map }) : report.sizes;
    const used = contextUnit === "json" ? merged.jsonBytes : merged.platformBytes;
    limits.push({ preset, subject: "context", unit: contextUnit, used, limit: maxContextBytes, isActive });
  }
  if (maxValueBytes !== null) {
    const used = Object.values(map).reduce((largest: number, value) => Math.max(largest, measure(value).jsonBytes), 0);
    limits.push({ preset, subject: "largest value", unit: "json", used, limit: maxValueBytes, isActive });
  }
  return limits;
}

/** The maximum number of members of a value in the treemap. The smallest members share one area. */
const maxMembers = 40;
/** The number of nesting levels in the treemap. */
const maxDepth = 4;
/** The bytes of `{` and `}` around a single member. */
const bracesBytes = 2;

/** Returns the sizes of the members of a value. Members of up to 1 % of the total have no children. */
function measureChildren(
  value: Json,
  toDocumentPath: (path: string) => string,
  path: string,
  depth: number,
  totalBytes: number,
): SizeNode[] {
  if (depth === maxDepth || typeof value !== "object" || value === null) return [];
  const nodes = Object.entries(value).map(([name, member]) => {
    const { jsonBytes, platformBytes } = Array.isArray(value) ? measure(member) : measure({ [name]: member });
    const json = Array.isArray(value) ? jsonBytes : jsonBytes - bracesBytes;
    return { name, path: `${path}/${pointerToken(name)}`, json, platform: platformBytes, member };
  });
  nodes.sort((one, other) => other.json - one.json);
  // A value whose size is mostly in its smallest members is one area.
  const rest = nodes.slice(maxMembers);
  const sum = (unit: "json" | "platform") => rest.reduce((total, node) => total + node[unit], 0);
  if (depth > 0 && sum("json") > nodes.reduce((total, node) => total + node.json, 0) / 2) return [];
  const shown = nodes.slice(0, maxMembers).map(({ name, path, json, platform, member }) => ({
    name,
    path: toDocumentPath(path),
    json,
    platform,
    children: json > totalBytes / 100 ? measureChildren(member, toDocumentPath, path, depth + 1, totalBytes) : [],
  }));
  if (rest.length === 0) return shown;
  return [...shown, { name: `${rest.length} more`, path: toDocumentPath(path), json: sum("json"), platform: sum("platform"), children: [] }];
}
