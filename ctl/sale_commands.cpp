#include "ctl/sale_commands.h"

#include <fmt/core.h>

#include "ctl/complaint.h"
#include "ctl/intent_sender.h"
#include "ctl/sale_file.h"
#include "ctl/sale_reader.h"
#include "ctl/sale_text.h"
#include "runtime/clock.h"

namespace sluice {
namespace {

ExitCode apply(IntentSender& sender, const SaleApply& command, const v1::DefineSale& sale) {
  v1::Intent intent;
  *intent.mutable_define_sale() = sale;
  const auto ruled = sender.send(intent);
  if (!ruled) {
    std::vector<std::string> again = {"sale", "apply"};
    again.insert(again.end(), command.files.begin(), command.files.end());
    return fail(ruled.error(), fmt::format("sale {} of {}", sale.sale_id(), sale.sku()), command.cluster, again);
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
    if (!read) return fail_usage(read.error().message);
    sales.insert(sales.end(), read->begin(), read->end());
  }
  auto sender = IntentSender::open(command.cluster);
  if (!sender) return fail(sender.error(), "; nothing was sent");
  for (const v1::DefineSale& sale : sales) {
    if (const ExitCode code = apply(**sender, command, sale); code != ExitCode::kDone) return code;
  }
  return ExitCode::kDone;
}

ExitCode run(const SaleShow& command) {
  const auto sales = read_all_sales(command.cluster, command.sku);
  if (!sales) return fail(sales.error());
  if (sales->empty() && !command.sku.empty()) return fail(Error::fatal("no sale of " + command.sku + " was ever defined"));
  fmt::print("{}", command.as_json ? sales_json(*sales) : sales_table(*sales));
  return ExitCode::kDone;
}

}  // namespace sluice
