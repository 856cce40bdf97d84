/** Sample documents: at least one of each kind. */
import type { LoadedDocument } from "../base/workspace";

/** A sample document with its name and description. */
export interface Sample {
  readonly name: string;
  readonly about: string;
  readonly document: () => LoadedDocument;
}

const formatJson = (value: unknown) => JSON.stringify(value, null, 2);

const sentences = [
  "Hello, I would like to change the flight of my booking.",
  "Of course. Which booking is it about? You find its number in the confirmation.",
  "It is the one to Lisbon in March, for two persons and a dog.",
  "Thank you. I have found it. The dog travels in the cabin, is that still so?",
  "Yes, please. And a seat at the window if there is one.",
];

/** Returns a context with a conversation of `turns` messages. */
const createBooking = (turns: number) => ({
  customer: {
    id: "c-20417",
    tier: "gold",
    language: "pt-PT",
    address: { street: "Rua das Flores 21", city: "Porto", country: "PT" },
    consents: { marketing: false, recording: true },
  },
  booking: {
    reference: "QX7P2M",
    legs: ["OPO-LIS", "LIS-FNC"].map((route, leg) => ({
      route,
      departure: `2027-03-0${leg + 4}T07:40:00Z`,
      seats: ["14A", "14B"],
      fare: { class: "Y", amount: 118.4 + leg, currency: "EUR" },
    })),
    extras: ["pet_in_cabin", "window_seat"],
  },
  search: {
    query: { from: "OPO", to: "FNC", flexible: true },
    results: Array.from({ length: 24 }, (_, index) => ({
      flight: `TP${1680 + index}`,
      price: 89 + index * 3.5,
      seatsLeft: (index * 7) % 9,
      baggage: index % 2 === 0,
    })),
  },
  transcript: Array.from({ length: turns }, (_, turn) => ({
    by: turn % 2 === 0 ? "user" : "bot",
    text: sentences[turn % sentences.length],
    at: `2027-02-11T09:${String(Math.floor(turn / 60) % 60).padStart(2, "0")}:${String(turn % 60).padStart(2, "0")}Z`,
  })),
});

/** Returns conversation text of at most `length` characters. */
const createProse = (length: number) => sentences.join(" ").repeat(Math.ceil(length / 250)).slice(0, length).trimEnd();

/** Returns a context that is too large in platform bytes, but not in JSON bytes. */
const createOversizedContext = () => ({
  ...createBooking(152),
  knowledge: Object.fromEntries(
    ["pets", "baggage", "seats", "refunds", "rebooking", "check_in", "visa"].map((topic, index) => [
      topic,
      { title: topic.replace("_", " "), text: createProse(420 + ((index * 977) % 1900)), score: 0.91 - index * 0.07 },
    ]),
  ),
  catalogue: Object.fromEntries(
    ["flights", "hotels", "cars", "insurance"].map((category, index) => [
      category,
      Array.from({ length: 3 + ((index * 5) % 7) }, (_, item) => ({
        sku: `${category.slice(0, 2).toUpperCase()}-${400 + item}`,
        description: createProse(120 + ((item * 311 + index * 173) % 420)),
        price: 19.9 + item * 12,
      })),
    ]),
  ),
  summary: createProse(2400),
  offer: { code: "SPRING", percent: 10, text: createProse(300) },
});

export const samples: readonly Sample[] = [
  {
    name: "Booking context with issues",
    about: "A context with keys that a flow cannot read and a number that loses precision",
    document: () => ({
      text: formatJson({ ...createBooking(8), "customer.tier": "gold", "loyalty-number": 1, lastTopic: "rebooking", ticket: 1 }).replace(
        '"ticket": 1',
        '"ticket": 9007199254740993',
      ),
    }),
  },
  {
    name: "Oversized conversation context",
    about: "A context within the JSON limit, in which the platform would replace a value",
    document: () => ({ text: formatJson(createOversizedContext()) }),
  },
  {
    name: "Variables response",
    about: "Untyped text, several scopes, and numbers that the two modes read differently",
    document: () => ({
      text: formatJson({
        variables: [
          { name: "tier", value: "silver", scope: "global" },
          { name: "tier", value: "gold", scope: "user" },
          { name: "tier", value: "bronze", scope: "session" },
          { name: "visits", value: "42", scope: "user" },
          { name: "postcode", value: "04109", scope: "user" },
          { name: "phone", value: "+4917012345678", scope: "user" },
          { name: "amount", value: "1.50", scope: "session" },
          { name: "factor", value: "1e5", scope: "bot" },
          { name: "consent", value: "True", scope: "session" },
          { name: "order", value: '{"id": 7, "items": ["tea", "cup"]}', scope: "session" },
          { name: "order", value: "[]", scope: "bot" },
          { name: "account", value: "12345678901234567890", scope: "user" },
          { name: "age", value: "unknown", scope: "user", type: "integer" },
          { name: "_turn", value: "3", scope: "session" },
          { name: "_locale", value: "pt-PT", scope: "bot" },
        ],
        pagination: { nextCursor: null },
      }),
    }),
  },
  {
    name: "Injection payload with errors",
    about: "Invalid names, scopes and times, and a duplicate variable",
    document: () => ({
      text: formatJson({
        variables: [
          { key: "tier", value: "gold", scope: "user" },
          { key: "offer code", value: "SPRING" },
          { key: "offer", value: { percent: 10 }, scope: "session", expiresAt: "2020-01-31T12:00:00Z" },
          { key: "tier", value: "silver", scope: "user" },
          { key: "visits", value: 3, scope: "dialog" },
          { key: "since", value: true, expiresAt: "yesterday" },
        ],
        mergeStrategy: "atomic_put",
      }),
    }),
  },
  {
    name: "Dialog-state update with errors",
    about: "Reserved names, a null value and a deeply nested value",
    document: () => ({
      text: formatJson({
        session: { turn: 4, "first-name": "Ada", basket: { items: [{ price: { net: { amount: 3 } } }] }, note: null },
        user: { _cognigy_id: "u-1", tier: "gold" },
        transition: { nextStep: "confirm" },
      }),
    }),
  },
];
