/** Creates bare V8 isolates, which exist until the process ends. */
import ivm from "isolated-vm";

// An isolate that is garbage-collected while V8 still uses it can crash the process.
const retained = [];

/** Creates a context in a new isolate with at most 256 MB of memory. */
export async function newContext() {
  const isolate = new ivm.Isolate({ memoryLimit: 256 });
  retained.push(isolate);
  const context = await isolate.createContext();
  retained.push(context);
  return context;
}
