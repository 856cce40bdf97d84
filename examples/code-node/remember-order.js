// Writes the data of the customer's message into the context, if all of it fits and can be read back.
const order = {
  customer: { id: profile.customerId ?? null, tier: input.data?.tier ?? "none" },
  // Without an order this value is undefined. Then applyTo logs an issue and writes no value.
  order_number: input.data?.order,
  // A Date is written as text, which is how the following nodes read it.
  ordered_at: new Date(input.data?.orderedAt ?? 0),
};

const { ok, report } = cognigyContext.applyTo(api, order, { existing: context });

// The next node tests `input.orderRemembered` instead of looking for a key in the context.
input.orderRemembered = ok;
input.contextBytes = report?.sizes.platformBytes;
