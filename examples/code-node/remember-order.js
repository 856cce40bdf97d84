// Writes what the customer's message brought into the context, if all of it fits and can be read there.
const order = {
  customer: { id: profile.customerId ?? null, tier: input.data?.tier ?? "none" },
  // A message without an order has no such value, and then nothing is written.
  order_number: input.data?.order,
  // A Date is written as text, as every node after this one will find it.
  ordered_at: new Date(input.data?.orderedAt ?? 0),
};

const { ok, report } = cognigyContext.applyTo(api, order, { existing: context });

// The next node asks `input.orderRemembered`, and not whether a key happens to be there.
input.orderRemembered = ok;
input.contextBytes = report?.sizes.platformBytes;
