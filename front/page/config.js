// What a shop replaces: where its buyers log in and pay. As it stands here it fits the shop of the stack, which believes everybody.
export const config = {
  name: "sluice",
  tokenUrl: "/shop/token", // GET ?user=NAME answers {"token": "<JWT>"}
  paymentUrl: "/shop/payments", // POST {"order", "amount_minor", "currency"} answers {"payment_id"}
};
