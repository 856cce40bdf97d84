/** How large a document is, against every limit, and which keys take the room. */
import type { PresetName, Report } from "cognigy-context/browser";
import { type Json, type JsonObject, isObject, pointerToken, read } from "./json";
import { check, measure, Policy } from "./package";
import { recognise } from "./recognise";
import type { Bar, Cut, Room, SizeView, Subject } from "./shapes";
import { existingOf, listOf, mapOf } from "./subject";

const presets: readonly PresetName[] = ["platform", "platform_app", "context", "injection", "state"];

export function size(subject: Subject): SizeView | undefined {
  const value = read(subject.text);
  if (!isObject(value)) return undefined;
  const kind = subject.kind === "auto" ? recognise(value) : subject.kind;
  const existing = existingOf(subject.existing);
  const { map, at } = mapOf(kind, value);
  const own: Record<typeof kind, PresetName> = {
    context: "platform",
    payload: "injection",
    state: "state",
    answer: "platform",
  };
  const active = subject.policy === "auto" ? own[kind] : subject.policy;
  // What goes over the wire for a payload is its list, not the map that it is here.
  const sent = kind === "payload" ? listOf(kind, value).list : map;
  const bars: Bar[] = [];
  const cuts: Cut[] = [];
  for (const preset of presets) {
    const report = check(map, preset, existing);
    bars.push(...barsOf(preset, preset === active, { map, sent, existing, report }));
    for (const { code, path, limit, actual } of report.issues) {
      if (code !== "would_be_replaced") continue;
      cuts.push({ preset, path: at(path), limit: limit ?? 0, actual: actual ?? 0 });
    }
  }
  bars.sort((one, other) => Number(other.active) - Number(one.active));
  const sizes = measure(map);
  const room = {
    name: "",
    path: "",
    json: sizes.jsonBytes,
    platform: sizes.platformBytes,
    children: roomIn(map, at, "", 0, sizes.jsonBytes),
  };
  return { sizes, bars, room, cuts };
}

interface Measured {
  readonly map: JsonObject;
  readonly sent: Json;
  readonly existing: JsonObject | undefined;
  readonly report: Report;
}

function barsOf(preset: PresetName, active: boolean, { map, sent, existing, report }: Measured): Bar[] {
  const policy = new Policy(preset);
  const { maxPayloadBytes, maxContextBytes, maxValueBytes, contextUnit, stripInternal } = policy;
  policy.free();
  // Internal keys are left out of what is sent; the report's sizes are without them.
  const body = stripInternal ? report.sizes.jsonBytes : measure(sent).jsonBytes;
  const bars: Bar[] = [];
  if (maxPayloadBytes !== null) {
    bars.push({ preset, what: "body", unit: "json", used: body, limit: maxPayloadBytes, active });
  }
  if (maxContextBytes !== null) {
    const whole = existing ? measure({ ...existing, ...map }) : report.sizes;
    const used = contextUnit === "json" ? whole.jsonBytes : whole.platformBytes;
    bars.push({ preset, what: "context", unit: contextUnit, used, limit: maxContextBytes, active });
  }
  if (maxValueBytes !== null) {
    const used = Object.values(map).reduce((most: number, value) => Math.max(most, measure(value).jsonBytes), 0);
    bars.push({ preset, what: "largest value", unit: "json", used, limit: maxValueBytes, active });
  }
  return bars;
}

/** A treemap shows no more than so many members of one object, and what is smaller as one. */
const mostShown = 40;
const deepest = 4;
const frame = 2;

/** What the members of a value take. Those that are too small to be seen are not looked into. */
function roomIn(value: Json, at: (path: string) => string, path: string, depth: number, whole: number): Room[] {
  if (depth === deepest || typeof value !== "object" || value === null) return [];
  const rooms = Object.entries(value).map(([name, member]) => {
    const { jsonBytes, platformBytes } = Array.isArray(value) ? measure(member) : measure({ [name]: member });
    const json = Array.isArray(value) ? jsonBytes : jsonBytes - frame;
    return { name, path: `${path}/${pointerToken(name)}`, json, platform: platformBytes, member };
  });
  rooms.sort((one, other) => other.json - one.json);
  // A long list of small items says nothing as areas: it is one.
  const rest = rooms.slice(mostShown);
  const sum = (unit: "json" | "platform") => rest.reduce((all, room) => all + room[unit], 0);
  if (depth > 0 && sum("json") > rooms.reduce((all, room) => all + room.json, 0) / 2) return [];
  const shown = rooms.slice(0, mostShown).map(({ name, path, json, platform, member }) => ({
    name,
    path: at(path),
    json,
    platform,
    children: json > whole / 100 ? roomIn(member, at, path, depth + 1, whole) : [],
  }));
  if (rest.length === 0) return shown;
  return [...shown, { name: `${rest.length} more`, path: at(path), json: sum("json"), platform: sum("platform"), children: [] }];
}
