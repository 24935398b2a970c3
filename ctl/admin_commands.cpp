#include "ctl/admin_commands.h"

#include <fmt/format.h>

#include <cstdio>
#include <random>
#include <vector>

#include "ctl/complaint.h"
#include "ctl/intent_sender.h"
#include "ctl/order_name.h"
#include "schemas/intent_format.h"

namespace sluice {
namespace {

using Words = std::vector<std::string>;

constexpr const char* kOrderHelp = "is no order: give its ticket in decimal, or its public id of 25 characters";

struct Key {
  std::string text;
  bool is_new;
};

// 96 bits of chance: nobody meets another's.
Key or_new_key(const std::string& given) {
  if (!given.empty()) return {given, false};
  std::random_device chance;
  return {fmt::format("ctl-{:08x}{:08x}{:08x}", chance(), chance(), chance()), true};
}

// An act that counts once by itself.
const Key kNoKey = {.text = "", .is_new = false};

// What the act did, for people, under the line of the verdict.
std::string effect_text(const Ruled& ruled) {
  std::string text;
  for (const v1::Order& order : ruled.change.orders()) {
    text += fmt::format("  order {} of user {}: {} x {}\n", order.id(), order.user(), order.quantity(), order.sku());
  }
  for (const v1::Payment& payment : ruled.change.payments()) {
    text += fmt::format("  payment {}: {} {} in minor units {}\n", payment.id(), payment.amount_minor(), payment.currency(),
                        payment.refund_settled() ? "were paid back" : "have to be paid back");
  }
  if (ruled.change.sku().empty()) return text;
  const v1::Counters& counters = ruled.change.counters();
  return text + fmt::format("  {}: {} unopened, {} available, {} held, {} sold, {} withdrawn\n", ruled.change.sku(),
                            counters.unopened(), counters.available(), counters.held(), counters.sold(), counters.withdrawn());
}

// `what`: the act in a few words. `again`: the command line that repeats it, without sluicectl and the options of the cluster.
ExitCode act(const Cluster& cluster, v1::Intent intent, const Key& key, const std::string& what, const Words& again) {
  if (const std::string problem = problem_with(intent); !problem.empty()) return fail_usage(problem);
  if (key.is_new) fmt::print(stderr, "key: {}\n", key.text);  // before all else: whatever happens, it is known
  const auto sender = IntentSender::open(cluster);
  if (!sender) return fail(sender.error(), "; nothing was sent");
  const auto ruled = (*sender)->send(intent);
  if (!ruled) return fail(ruled.error(), what, cluster, again);
  fmt::print("{}: {} (partition {}, intent {})\n{}", what, verdict_text(ruled->verdict), ruled->partition.value, ruled->offset,
             effect_text(*ruled));
  return exit_code_of(ruled->verdict);
}

}  // namespace

ExitCode run(const StockAdd& command) {
  const Key key = or_new_key(command.key);
  v1::Intent intent;
  v1::AdjustStock& adjust = *intent.mutable_adjust_stock();
  adjust.set_sku(command.sku);
  adjust.set_delta(command.delta);
  adjust.set_reason(command.reason);
  adjust.set_request_key(key.text);
  const std::string delta = fmt::format("{:+}", command.delta);
  return act(command.cluster, intent, key, fmt::format("stock of {} {}", command.sku, delta),
             {"stock", "add", command.sku, std::to_string(command.delta), "--reason", command.reason, "--key", key.text});
}

ExitCode run(const FreezeSku& command) {
  const Key key = or_new_key(command.key);
  v1::Intent intent;
  v1::Freeze& freeze = *intent.mutable_freeze();
  freeze.set_sku(command.sku);
  freeze.set_on(command.on);
  freeze.set_request_key(key.text);
  const std::string word = command.on ? "on" : "off";
  return act(command.cluster, intent, key, fmt::format("freeze of {} {}", command.sku, word),
             {"freeze", command.sku, word, "--key", key.text});
}

ExitCode run(const RefundOrder& command) {
  const auto order = parse_order_name(command.order);
  if (!order) return fail_usage(fmt::format("'{}' {}", command.order, kOrderHelp));
  const Key key = or_new_key(command.key);
  v1::Intent intent;
  v1::Refund& refund = *intent.mutable_refund();
  refund.set_order(order->value);
  refund.set_restock(command.restock);
  refund.set_request_key(key.text);
  return act(command.cluster, intent, key, fmt::format("refund of order {}", order->value),
             {"refund", command.order, command.restock ? "--restock" : "--withdraw", "--key", key.text});
}

ExitCode run(const SettleRefund& command) {
  v1::Intent intent;
  v1::RefundSettled& settled = *intent.mutable_refund_settled();
  settled.set_payment_id(command.payment);
  Words again = {"refund", "settled", command.payment};
  if (!command.order.empty()) {
    const auto order = parse_order_name(command.order);
    if (!order) return fail_usage(fmt::format("'{}' {}", command.order, kOrderHelp));
    settled.set_order(order->value);
    again.insert(again.end(), {"--order", command.order});
  }
  return act(command.cluster, intent, kNoKey, fmt::format("refund of payment {} settled", command.payment), again);
}

}  // namespace sluice
