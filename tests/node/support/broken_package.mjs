/**
 * Makes a copy of the installed package whose modules panic on demand. Text of `TRIGGER` bytes arms a module.
 * Then the next call of certain exports executes `unreachable`, the instruction of a panic.
 */
import { cpSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import binaryen from "../../../bindings-wasm/node_modules/binaryen/index.js";
import { packageFolder } from "./project.mjs";

/** The length, in bytes, of text that arms a module. */
export const TRIGGER = 4242;

/** For each module: the export whose first argument is the length of a text, and the exports that panic. */
const MODULES = {
  "cognigy-context.wasm": { lengthExport: "inputBuffer", panics: /^policyhandle_check$/ },
  "cognigy-context-client.wasm": {
    lengthExport: "inputBuffer",
    // Excludes the closure that creates a promise: it runs in the call that arms the module.
    panics: /^(clienthandle_metrics|(?!.*Function_fn).*closures_____invoke.*)$/,
  },
  "cognigy-context-documents.wasm": {
    lengthExport: "__wbindgen_malloc",
    panics: /^(schemahandle_apply|managerhandle_update)$/,
  },
};

/** Copies the installed package into `folder` and adds the panics to its modules. */
export function breakPackage(folder) {
  cpSync(packageFolder, folder, { recursive: true });
  for (const [file, { lengthExport, panics }] of Object.entries(MODULES)) {
    const path = join(folder, "pkg", file);
    writeFileSync(path, withPanics(readFileSync(path), lengthExport, panics));
  }
}

/** Returns a module with a global `armed`, which one export sets and others read before they panic. */
function withPanics(bytes, lengthExport, panics) {
  const module = binaryen.readBinary(bytes);
  // The features that the modules are built with. With more of them, Node cannot read the output.
  const { BulkMemory, Multivalue, MutableGlobals, NontrappingFPToInt, ReferenceTypes, SignExt } =
    binaryen.Features;
  module.setFeatures(
    BulkMemory | Multivalue | MutableGlobals | NontrappingFPToInt | ReferenceTypes | SignExt,
  );
  module.addGlobal("armed", binaryen.i32, true, module.i32.const(0));
  const isArmed = () => module.global.get("armed", binaryen.i32);
  const exported = Array.from({ length: module.getNumExports() }, (_, index) =>
    binaryen.getExportInfo(module.getExportByIndex(index)),
  );
  for (const { name, value } of exported) {
    if (name === lengthExport) {
      const isTrigger = module.i32.eq(module.local.get(0, binaryen.i32), module.i32.const(TRIGGER));
      const arm = module.global.set("armed", module.i32.const(1));
      prepend(name, value, module.if(isTrigger, arm));
    } else if (panics.test(name)) {
      prepend(name, value, module.if(isArmed(), module.unreachable()));
    }
  }
  const broken = module.emitBinary();
  module.dispose();
  return broken;

  /** Changes an export so that it executes `code` before its function. */
  function prepend(name, inner, code) {
    const { params, results } = binaryen.getFunctionInfo(module.getFunction(inner));
    const args = binaryen.expandType(params).map((type, index) => module.local.get(index, type));
    const body = module.block(null, [code, module.call(inner, args, results)], results);
    module.removeExport(name);
    module.addFunction(`panicking ${name}`, params, results, [], body);
    module.addFunctionExport(`panicking ${name}`, name);
  }
}
