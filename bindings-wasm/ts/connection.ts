/** A client's way to its core, which may still have to be loaded. */
import { ClientHandle } from "wasm-client";
import { checkClient } from "wasm-glue";
import { type ClientOptions, figure, optionsText } from "./client-options.js";
import { clientPart, handOver } from "./client-part.js";
import { ConfigurationError } from "./errors.js";
import { errorOf, throwing } from "./failure.js";
import type { Fields } from "./fields.js";
import { client, Kept } from "./guard.js";
import { ClientFunctions, Hooks, type StateListener } from "./hooks.js";
import { type Fetch, Network } from "./network.js";
import { withPolicy } from "./policy.js";
import { started, takeInput } from "./wasm.js";

/** What every call takes. */
export interface CallOptions {
  /** Gives the call up. What it was given as its reason is thrown. */
  readonly signal?: AbortSignal | undefined;
}

/** @internal */
export class Connection {
  readonly #options: string;
  readonly #fetch: Fetch;
  readonly #functions: ClientFunctions;
  #kept: Kept<ClientHandle> | undefined;

  private constructor(
    options: string,
    fetch: Fetch,
    functions: ClientFunctions,
    make: () => ClientHandle,
  ) {
    this.#options = options;
    this.#fetch = fetch;
    this.#functions = functions;
    const isThere = clientPart.isAtHand();
    if (!isThere) throwing(() => checkClient(options));
    this.#kept = new Kept(client, make, isThere);
  }

  /** @throws {ConfigurationError} when the options cannot make a client */
  static of(options: ClientOptions): Connection {
    started();
    const text = optionsText(options);
    const fetch = options.fetch ?? hostFetch();
    const functions = new ClientFunctions(options);
    const policy = withPolicy(options.policy ?? "platform", (handle) => handle.fields());
    return new Connection(text, fetch, functions, () => {
      clientPart.need();
      const background = new Network(fetch, undefined, true);
      const handle = throwing(
        () => new ClientHandle(text, policy, new Hooks(functions), background),
      );
      if (functions.isHeard) handle.onStateUpdated(new Hooks(functions));
      return handle;
    });
  }

  /** @throws {ConfigurationError} when that is no time */
  withDeadline(seconds: number): Connection {
    const kept = this.#open();
    const options = JSON.parse(this.#options) as Fields;
    return new Connection(
      JSON.stringify({ ...options, deadline: figure(seconds) }),
      this.#fetch,
      this.#functions,
      () => throwing(() => kept.get().withDeadline(seconds)),
    );
  }

  /**
   * The core's own client.
   *
   * @throws {ConfigurationError} when it was freed, or is not loaded yet
   */
  get handle(): ClientHandle {
    return this.#open().get();
  }

  /** @throws {ConfigurationError} when it was freed */
  needOpen(): void {
    this.#open();
  }

  /** The network for one call. */
  network(signal: AbortSignal | undefined): Network {
    return new Network(this.#fetch, signal);
  }

  /** Makes a call, and gives the JSON text of what it comes to. */
  async call(name: string, { signal }: CallOptions, fields: () => Fields): Promise<string> {
    const kept = this.#open();
    signal?.throwIfAborted();
    const network = this.network(signal);
    // All of the caller's code runs here; then comes the core, before anybody else uses the buffer.
    const text = JSON.stringify(fields());
    let input = takeInput();
    if (!clientPart.isAtHand()) {
      input = input.slice();
      await clientPart.load();
      signal?.throwIfAborted();
    }
    try {
      const handle = kept.get();
      handOver(input);
      return (await client.outlive(handle.call(network, name, text))) as string;
    } catch (error) {
      if (signal?.aborted) throw signal.reason;
      throw errorOf(error, network.cause ?? this.#functions.tokenCause);
    }
  }

  /** Has a listener hear of updated states, until what is answered is called. */
  hear(listener: StateListener): () => void {
    const kept = this.#open();
    if (typeof listener !== "function") throw new TypeError("the listener must be a function");
    const functions = this.#functions;
    // A handle that is still to be made tells of them from the first.
    if (!functions.isHeard && kept.isMade) kept.get().onStateUpdated(new Hooks(functions));
    functions.isHeard = true;
    // An object of its own, so that one that is registered twice is two.
    const registered: StateListener = (...facts) => listener(...facts);
    functions.listeners.add(registered);
    return () => void functions.listeners.delete(registered);
  }

  /** Gives the memory back; calls under way come to their end. */
  free(): void {
    this.#kept?.free();
    this.#kept = undefined;
  }

  #open(): Kept<ClientHandle> {
    if (!this.#kept) throw new ConfigurationError("this client was freed");
    return this.#kept;
  }
}

function hostFetch(): Fetch {
  const fetch: unknown = globalThis.fetch;
  if (typeof fetch !== "function") {
    throw new ConfigurationError("this host has no fetch: give the client one");
  }
  // Called through the global, so that one that is put there later (a mock, a tracer) is used.
  return (url, init) => globalThis.fetch(url, init);
}
