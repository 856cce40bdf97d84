/** The methods of the worker. The worker imports this module dynamically. */
import { compare } from "./compare";
import { formatJson } from "./format-json";
import { checkDocument } from "./check-document";
import { locate } from "./locate";
import type { Rules } from "./types";
import { measureSize } from "./size";
import { readVariables } from "./variables";

const locatePath: Rules["locate"] = (text, path) => locate(text, new Set([path])).get(path);

export const rules: Rules = { checkDocument, measureSize, readVariables, compare, formatJson, locate: locatePath };
