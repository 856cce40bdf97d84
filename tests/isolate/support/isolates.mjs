/** Bare V8 isolates, each held for as long as the process lives. */
import ivm from "isolated-vm";

// One that the garbage collector takes while V8 still works in it can bring the process down.
const held = [];

/** A context of an isolate of its own. */
export async function newContext() {
  const isolate = new ivm.Isolate({ memoryLimit: 256 });
  held.push(isolate);
  const context = await isolate.createContext();
  held.push(context);
  return context;
}
