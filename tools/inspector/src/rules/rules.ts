/** What the worker can do, each in a file of its own. */
import { compare } from "./compare";
import { format } from "./format";
import { inspect } from "./inspect";
import { locate } from "./locate";
import type { Rules } from "./shapes";
import { size } from "./size";
import { variables } from "./variables";

const place: Rules["place"] = (text, path) => locate(text, new Set([path])).get(path);

export const rules: Rules = { inspect, size, variables, compare, format, place };
