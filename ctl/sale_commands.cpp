#include "ctl/sale_commands.h"

#include <fmt/core.h>

#include <cstdio>

#include "ctl/intent_sender.h"
#include "ctl/sale_file.h"
#include "runtime/clock.h"

namespace sluice {
namespace {

ExitCode fail(ExitCode code, const std::string& message) {
  fmt::print(stderr, "sluicectl: {}\n", message);
  return code;
}

ExitCode apply(IntentSender& sender, const v1::DefineSale& sale) {
  v1::Intent intent;
  *intent.mutable_define_sale() = sale;
  const auto ruled = sender.send(sale.sku(), intent);
  if (!ruled) {
    return fail(ExitCode::kUnknown,
                fmt::format("sale {} of {}: {}. Run the same command again: a version of a sale counts once", sale.sale_id(),
                            sale.sku(), ruled.error().message));
  }
  fmt::print("sale {} version {} of {}: {} (partition {}, intent {})\n", sale.sale_id(), sale.version(), sale.sku(),
             verdict_text(ruled->verdict), ruled->partition.value, ruled->offset);
  return exit_code_of(ruled->verdict);
}

}  // namespace

ExitCode run(const SaleApply& command) {
  std::vector<v1::DefineSale> sales;
  const UnixMillis now = unix_millis();
  for (const std::string& file : command.files) {
    auto read = read_sale_file(file, now);
    if (!read) return fail(ExitCode::kUsage, read.error().message);
    sales.insert(sales.end(), read->begin(), read->end());
  }
  auto sender = IntentSender::open(command.brokers, command.timeout);
  if (!sender) return fail(ExitCode::kUnknown, sender.error().message + "; nothing was sent");
  for (const v1::DefineSale& sale : sales) {
    if (const ExitCode code = apply(**sender, sale); code != ExitCode::kDone) return code;
  }
  return ExitCode::kDone;
}

}  // namespace sluice
