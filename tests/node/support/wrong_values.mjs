/** Values of wrong types, some of them hostile, that a caller may pass in place of an argument. */

/** The error that hostile values throw. A function may throw it again: it comes from the caller's own code. */
export class CallerError extends Error {}

function fail() {
  throw new CallerError("thrown by the caller");
}

function revoked(target) {
  const { proxy, revoke } = Proxy.revocable(target, {});
  revoke();
  return proxy;
}

/** A length that no test may follow in time or memory. */
const HUGE = 4_000_000_001;

function sparse() {
  const list = [];
  list[HUGE - 1] = 1;
  return list;
}

/** A function for each kind that returns a new value. */
export const WRONG_VALUES = {
  undefined: () => undefined,
  null: () => null,
  "a boolean": () => true,
  "a number": () => 5,
  "a negative number": () => -1.5,
  "a large number": () => 1e300,
  NaN: () => NaN,
  "a BigInt": () => 10n ** 30n,
  "a symbol": () => Symbol("hunter2"),
  "an empty string": () => "",
  "a string": () => "a wrong text",
  "half of a surrogate pair": () => "\ud83d",
  "a String object": () => new String("text"),
  "a function": () => () => {},
  "a class": () => class Wrong {},
  "an empty object": () => ({}),
  "an object without a prototype": () => Object.create(null),
  "an array-like object": () => ({ length: 1e9 }),
  "an object that claims to be a buffer": () => ({ [Symbol.toStringTag]: "ArrayBuffer", length: 1e9, byteLength: 1e9 }),
  "an object that claims to be a date": () => ({ [Symbol.toStringTag]: "Date" }),
  "a list": () => [1],
  "a list with holes": sparse,
  "an empty list with a property": () => Object.assign([], { 5000000000: 1 }),
  "a proxy of a list with a value for every index": () =>
    new Proxy([], { get: (target, key) => (key === "length" ? HUGE : key === "toJSON" ? undefined : (Reflect.get(target, key) ?? 1)) }),
  "a map": () => new Map([[1, 2]]),
  "a set": () => new Set([1]),
  "an invalid date": () => new Date(NaN),
  "a promise": () => Promise.resolve(5),
  "a generator": () => (function* () {
    yield 1;
  })(),
  "bytes": () => Uint8Array.of(0xff, 0xfe),
  "a buffer": () => new ArrayBuffer(8),
  "a regular expression": () => /x/,
  "a URL": () => new URL("https://example.org/"),
  "an object that cannot be converted to text": () => ({ toString: fail, valueOf: fail, [Symbol.toPrimitive]: fail }),
  "an object with a toJSON that throws": () => ({ toJSON: fail }),
  "a proxy that throws": () =>
    new Proxy({}, { get: fail, has: fail, ownKeys: fail, getPrototypeOf: fail, getOwnPropertyDescriptor: fail }),
  "a function that throws": () => fail,
  "a revoked proxy": () => revoked({}),
  "a revoked proxy of a list": () => revoked([]),
  "an iterator that throws": () => ({ [Symbol.iterator]: fail, [Symbol.asyncIterator]: fail }),
  "a cycle": () => {
    const cycle = {};
    cycle.self = cycle;
    return cycle;
  },
};
