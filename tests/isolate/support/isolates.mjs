/** Bare V8 isolates, which live as long as the process. */
import ivm from "isolated-vm";

// An isolate that is garbage-collected while V8 still uses it can crash the process.
const retained = [];

/** Creates a context in a new isolate. */
export async function newContext() {
  const isolate = new ivm.Isolate({ memoryLimit: 256 });
  retained.push(isolate);
  const context = await isolate.createContext();
  retained.push(context);
  return context;
}
