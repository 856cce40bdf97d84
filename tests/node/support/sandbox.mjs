/** Starts sandbox tenants in separate processes. */
import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

const binary =
  process.env.COGNIGY_CONTEXT_SANDBOX ??
  fileURLToPath(new URL("../../../build/dev/cognigy-context-sandbox", import.meta.url));

/** The API key that the sandbox accepts. */
export const apiKey = "sandbox-key";

/** Starts a sandbox on a free port. Returns its URL, functions for its control routes, and `stop`. */
export async function startSandbox(...options) {
  const child = spawn(binary, ["--port", "0", ...options], { stdio: ["ignore", "pipe", "inherit"] });
  const ended = new Promise((resolve) => child.once("exit", resolve));
  // A test process that ends early must not leave the sandbox running.
  const kill = () => child.kill();
  process.once("exit", kill);
  const url = await new Promise((resolve, reject) => {
    let output = "";
    child.once("error", reject);
    ended.then((code) => reject(new Error(`the sandbox ended with ${code}: ${output}`)));
    child.stdout.on("data", (chunk) => {
      output += chunk;
      // Requires white space after the port, because a chunk may end within the port.
      const found = /(https?:\/\/[\w.]+:\d+)\s/.exec(output);
      if (found) resolve(found[1]);
    });
  });
  const control = async (method, path, body) => {
    const response = await fetch(`${url}/_sandbox${path}`, {
      method,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status}`);
    const text = await response.text();
    return text ? JSON.parse(text) : undefined;
  };
  return {
    url,
    session: (id) => control("GET", `/sessions/${encodeURIComponent(id)}`),
    seed: (id, session) => control("PUT", `/sessions/${encodeURIComponent(id)}`, session),
    fault: (fault) => control("POST", "/faults", fault),
    requests: async () => (await control("GET", "/requests")).requests,
    reset: () => control("POST", "/reset"),
    stop: async () => {
      process.off("exit", kill);
      kill();
      await ended;
    },
  };
}
