/** The connection of a client to its object in the core. */
import { ClientHandle } from "wasm-client";
import { checkClient } from "wasm-glue";
import type { CallFields } from "./call-fields.js";
import type { CallOptions } from "./call-options.js";
import { clientModule, copyInput } from "./client-module.js";
import { type ClientOptions, toOptionsJson } from "./client-options.js";
import { toError, withMappedErrors } from "../error-mapping.js";
import { ConfigurationError } from "../errors.js";
import { ClientCallbacks, Hooks, type StateListener } from "./hooks.js";
import { type Fetch, Network } from "./network.js";
import { client, RevivableHandle } from "../panic-guard.js";
import { withPolicy } from "../policy.js";
import { encodeNumber, signalOf, typeError } from "../util/arguments.js";
import { ensureStarted, takeInput } from "../wasm.js";

/**
 * The options and callbacks of a client, and its object in the core. That object is created when the
 * module with the network client is loaded.
 *
 * @internal
 */
export class Connection {
  readonly #options: string;
  readonly #fetch: Fetch;
  readonly #callbacks: ClientCallbacks;
  #handle: RevivableHandle<ClientHandle> | undefined;

  private constructor(
    options: string,
    fetch: Fetch,
    callbacks: ClientCallbacks,
    createHandle: () => ClientHandle,
  ) {
    this.#options = options;
    this.#fetch = fetch;
    this.#callbacks = callbacks;
    const isLoaded = clientModule.tryStart();
    if (!isLoaded) withMappedErrors(() => checkClient(options));
    this.#handle = new RevivableHandle(client, createHandle, isLoaded);
  }

  /**
   * Creates a connection from the options of a client.
   *
   * @throws {ConfigurationError} when an option is missing or invalid
   * @throws {TypeError} when an option has the wrong type
   */
  static create(options: ClientOptions): Connection {
    ensureStarted();
    const text = toOptionsJson(options);
    const fetch = options.fetch ?? hostFetch();
    const callbacks = new ClientCallbacks(options);
    const policy = withPolicy(options.policy ?? "platform", (handle) => handle.fields());
    return new Connection(text, fetch, callbacks, () => {
      clientModule.ensureStarted();
      const background = new Network(fetch, undefined, true);
      const handle = withMappedErrors(
        () => new ClientHandle(text, policy, new Hooks(callbacks), background),
      );
      if (callbacks.hasListeners) handle.onStateUpdated(new Hooks(callbacks));
      return handle;
    });
  }

  /**
   * Returns a connection with another deadline, which shares everything else with this connection.
   *
   * @throws {ConfigurationError} when `seconds` is not above 0 and finite
   * @throws {TypeError} when `seconds` is not a number
   */
  withDeadline(seconds: number): Connection {
    const handle = this.#open();
    const deadline = encodeNumber("seconds", seconds);
    const options = JSON.parse(this.#options) as CallFields;
    return new Connection(
      JSON.stringify({ ...options, deadline }),
      this.#fetch,
      this.#callbacks,
      () => withMappedErrors(() => handle.get().withDeadline(seconds)),
    );
  }

  /**
   * The object in the core.
   *
   * @throws {ConfigurationError} when the client was freed, or its module is not loaded
   */
  get handle(): ClientHandle {
    return this.#open().get();
  }

  /**
   * Checks that the client can be used.
   *
   * @throws {ConfigurationError} when the client was freed
   */
  ensureOpen(): void {
    this.#open();
  }

  /** Returns the network for one call. */
  network(signal: AbortSignal | undefined): Network {
    return new Network(this.#fetch, signal);
  }

  /**
   * Makes a call.
   *
   * @param name the operation, as the core names it
   * @param encode encodes the arguments, and writes the values among them into the input buffer
   * @returns the core's text of the result; except for `getVariables`, it is JSON
   * @throws {ConfigurationError} when the client was freed
   * @throws the reason of the signal when the caller aborted it; otherwise the error of the call
   */
  async call(name: string, options: CallOptions, encode: () => CallFields): Promise<string> {
    const revivable = this.#open();
    const signal = signalOf(options);
    signal?.throwIfAborted();
    const network = this.network(signal);
    // All of the caller's code runs in `encode`. The input is taken before other code can write.
    const text = JSON.stringify(encode());
    let input = takeInput();
    if (!clientModule.tryStart()) {
      input = input.slice();
      await clientModule.load();
      signal?.throwIfAborted();
    }
    try {
      const handle = revivable.get();
      copyInput(input);
      return (await client.raceWithPanic(handle.call(network, name, text))) as string;
    } catch (error) {
      if (signal?.aborted) throw signal.reason;
      throw toError(error, network.cause ?? this.#callbacks.tokenCause);
    }
  }

  /** Adds a listener for successful updates of a dialog's state. Returns the function that removes it. */
  addListener(listener: StateListener): () => void {
    const handle = this.#open();
    if (typeof listener !== "function") throw typeError("listener", "a function", listener);
    const callbacks = this.#callbacks;
    // A handle that is created later gets its hooks then.
    if (!callbacks.hasListeners && handle.isCreated) handle.get().onStateUpdated(new Hooks(callbacks));
    callbacks.hasListeners = true;
    // A new function, so that a listener that is added twice is called twice.
    const registered: StateListener = (...args) => listener(...args);
    callbacks.listeners.add(registered);
    return () => void callbacks.listeners.delete(registered);
  }

  /** Releases the object in the core. Pending calls finish. */
  free(): void {
    this.#handle?.free();
    this.#handle = undefined;
  }

  #open(): RevivableHandle<ClientHandle> {
    if (!this.#handle) throw new ConfigurationError("this client was freed. Create a new one.");
    return this.#handle;
  }
}

/** @throws {ConfigurationError} when the host has no `fetch` */
function hostFetch(): Fetch {
  const fetch: unknown = globalThis.fetch;
  if (typeof fetch !== "function") {
    throw new ConfigurationError("this host has no fetch function. Pass one as the option fetch.");
  }
  // Reads the global function for each request, so that a later replacement (a mock, a tracer) is used.
  return (url, init) => globalThis.fetch(url, init);
}
