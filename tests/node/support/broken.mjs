/**
 * A copy of the installed package whose core panics when it is told to: text of a certain length
 * arms it, and the next call of certain exports then runs into the instruction that a panic is.
 */
import { cpSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import binaryen from "../../../bindings-wasm/node_modules/binaryen/index.js";
import { packageFolder } from "./project.mjs";

/** How many bytes of text arm it. */
export const TRIGGER = 4242;

/** Where each module hears of a text's length, and what of it panics. */
const MODULES = {
  "cognigy-context.wasm": { hears: "inputBuffer", panics: /^policyhandle_check$/ },
  "cognigy-context-client.wasm": {
    hears: "inputBuffer",
    // But not the closure that makes a promise: that runs in the call that arms.
    panics: /^(clienthandle_metrics|(?!.*Function_fn).*closures_____invoke.*)$/,
  },
  "cognigy-context-documents.wasm": {
    hears: "__wbindgen_malloc",
    panics: /^(schemahandle_apply|managerhandle_update)$/,
  },
};

/** Puts the copy into `folder`. */
export function breakPackage(folder) {
  cpSync(packageFolder, folder, { recursive: true });
  for (const [file, { hears, panics }] of Object.entries(MODULES)) {
    const path = join(folder, "pkg", file);
    writeFileSync(path, withPanics(readFileSync(path), hears, panics));
  }
}

function withPanics(bytes, hears, panics) {
  const module = binaryen.readBinary(bytes);
  // Those that the modules are built with; with more of them on, Node cannot read what is written.
  const { BulkMemory, Multivalue, MutableGlobals, NontrappingFPToInt, ReferenceTypes, SignExt } =
    binaryen.Features;
  module.setFeatures(
    BulkMemory | Multivalue | MutableGlobals | NontrappingFPToInt | ReferenceTypes | SignExt,
  );
  module.addGlobal("armed", binaryen.i32, true, module.i32.const(0));
  const isArmed = () => module.global.get("armed", binaryen.i32);
  const exported = Array.from({ length: module.getNumExports() }, (_, place) =>
    binaryen.getExportInfo(module.getExportByIndex(place)),
  );
  for (const { name, value } of exported) {
    if (name === hears) {
      const isTold = module.i32.eq(module.local.get(0, binaryen.i32), module.i32.const(TRIGGER));
      const arm = module.global.set("armed", module.i32.const(1));
      before(name, value, module.if(isTold, arm));
    } else if (panics.test(name)) {
      before(name, value, module.if(isArmed(), module.unreachable()));
    }
  }
  const broken = module.emitBinary();
  module.dispose();
  return broken;

  /** Has an export do something before it does its own. */
  function before(name, inner, work) {
    const { params, results } = binaryen.getFunctionInfo(module.getFunction(inner));
    const given = binaryen.expandType(params).map((type, place) => module.local.get(place, type));
    const body = module.block(null, [work, module.call(inner, given, results)], results);
    module.removeExport(name);
    module.addFunction(`watched ${name}`, params, results, [], body);
    module.addFunctionExport(`watched ${name}`, name);
  }
}
