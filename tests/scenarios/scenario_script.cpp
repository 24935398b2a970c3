#include "tests/scenarios/scenario_script.h"

#include <fmt/format.h>

#include <map>
#include <sstream>
#include <stdexcept>

#include "schemas/intent.pb.h"
#include "schemas/intent_format.h"

namespace sluice {
namespace {

// The words of a line: those in order, and those of the form key=value.
struct Words {
  std::vector<std::string> plain;
  std::map<std::string, std::string> named;

  explicit Words(const std::string& line) {
    std::istringstream stream(line);
    for (std::string word; stream >> word;) {
      const std::size_t equals = word.find('=');
      if (equals == std::string::npos) {
        plain.push_back(word);
      } else {
        named[word.substr(0, equals)] = word.substr(equals + 1);
      }
    }
  }

  const std::string& at(std::size_t i) const {
    if (i >= plain.size()) throw std::invalid_argument(fmt::format("word {} is missing", i + 1));
    return plain[i];
  }
  std::int64_t number(std::size_t i) const { return std::stoll(at(i)); }
  std::string value(const std::string& name, const std::string& otherwise) const {
    const auto found = named.find(name);
    return found == named.end() ? otherwise : found->second;
  }
  std::int64_t value(const std::string& name, std::int64_t otherwise) const {
    return std::stoll(value(name, std::to_string(otherwise)));
  }
  // "#3" is the order that intent 3 became; "#0:7" intent 7 of partition 0.
  std::uint64_t order(std::size_t i) const {
    const std::string& word = at(i);
    if (word == "none") return 0;
    if (word.front() != '#') throw std::invalid_argument(fmt::format("'{}' is no order, write #offset", word));
    const std::size_t colon = word.find(':');
    const int partition = colon == std::string::npos ? 0 : std::stoi(word.substr(1, colon - 1));
    const Offset offset = std::stoll(word.substr(colon == std::string::npos ? 1 : colon + 1));
    return Ticket::of({partition}, Position::at({1}, offset)).value;
  }
};

void read_slots(const std::string& text, v1::DefineSale& sale) {
  std::istringstream slots(text);
  for (std::string slot; std::getline(slots, slot, ',');) {
    int opens = 0;
    int closes = 0;
    int quantity = 0;
    if (std::sscanf(slot.c_str(), "%d-%d:%d", &opens, &closes, &quantity) != 3) {
      throw std::invalid_argument(fmt::format("'{}' is no slot, write opens-closes:quantity", slot));
    }
    v1::Slot& added = *sale.add_slots();
    added.set_opens_ms(opens * 1000);
    added.set_closes_ms(closes * 1000);
    added.set_quantity(static_cast<std::uint32_t>(quantity));
  }
}

void read_sale(const Words& words, v1::DefineSale& sale) {
  sale.set_sku(words.at(1));
  sale.set_sale_id(words.at(2));
  sale.set_version(static_cast<std::uint32_t>(std::stoul(words.at(3).substr(1))));
  sale.set_title("Masks");
  sale.set_price_minor(words.value("price", 500));
  sale.set_currency(words.value("currency", "CNY"));
  read_slots(words.value("slots", "0-3600:100"), sale);
  sale.set_limit_per_user(static_cast<std::uint32_t>(words.value("limit", 2)));
  sale.set_hold_seconds(static_cast<std::uint32_t>(words.value("hold", 1200)));
  sale.set_late_payment(words.value("late", "refund") == "rebuy" ? v1::LATE_PAYMENT_REBUY_OR_REFUND : v1::LATE_PAYMENT_REFUND);
}

void read_purchase(const Words& words, v1::Purchase& purchase) {
  purchase.set_user(words.at(1));
  purchase.set_request_key(words.at(2));
  purchase.set_sku(words.at(3));
  purchase.set_quantity(static_cast<std::uint32_t>(words.number(4)));
}

void read_pay(const Words& words, v1::Pay& pay) {
  pay.set_payment_id(words.at(1));
  pay.set_order(words.order(2));
  pay.set_amount_minor(words.number(3));
  pay.set_currency(words.at(4));
}

void read_due(const Words& words, v1::Due& due) {
  due.set_sku(words.at(1));
  due.set_through_ms(words.value("through", 1'000'000) * 1000);
  due.set_limit(static_cast<std::uint32_t>(words.value("limit", 1000)));
}

v1::Intent read_intent_line(const Words& words) {
  v1::Intent intent;
  intent.set_magic(kIntentMagic);
  const std::string& kind = words.at(0);
  if (kind == "sale") {
    read_sale(words, *intent.mutable_define_sale());
  } else if (kind == "buy") {
    read_purchase(words, *intent.mutable_purchase());
  } else if (kind == "pay") {
    read_pay(words, *intent.mutable_pay());
  } else if (kind == "cancel") {
    intent.mutable_cancel()->set_user(words.at(1));
    intent.mutable_cancel()->set_order(words.order(2));
  } else if (kind == "refund") {
    intent.mutable_refund()->set_request_key(words.at(1));
    intent.mutable_refund()->set_order(words.order(2));
    intent.mutable_refund()->set_restock(words.at(3) == "restock");
  } else if (kind == "settled") {
    intent.mutable_refund_settled()->set_payment_id(words.at(1));
    intent.mutable_refund_settled()->set_order(words.order(2));
  } else if (kind == "due") {
    read_due(words, *intent.mutable_due());
  } else if (kind == "adjust") {
    intent.mutable_adjust_stock()->set_request_key(words.at(1));
    intent.mutable_adjust_stock()->set_sku(words.at(2));
    intent.mutable_adjust_stock()->set_delta(words.number(3));
  } else if (kind == "freeze") {
    intent.mutable_freeze()->set_sku(words.at(1));
    intent.mutable_freeze()->set_on(words.at(2) == "on");
    intent.mutable_freeze()->set_request_key(words.value("key", ""));
  } else {
    throw std::invalid_argument(fmt::format("'{}' is no intent", kind));
  }
  return intent;
}

std::string from_hex(const std::string& hex) {
  std::string bytes;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
    bytes.push_back(static_cast<char>(std::stoi(hex.substr(i, 2), nullptr, 16)));
  }
  return bytes;
}

}  // namespace

std::vector<ScenarioLine> read_scenario(const std::string& text) {
  std::vector<ScenarioLine> lines;
  std::istringstream stream(text);
  UnixMillis now = 0;
  for (std::string line; std::getline(stream, line);) {
    ScenarioLine& scenario_line = lines.emplace_back();
    scenario_line.text = line;
    if (line.empty() || line.front() == '#') continue;
    try {
      const Words words(line);
      if (words.at(0) == "at") {
        now = static_cast<UnixMillis>(std::stod(words.at(1)) * 1000);
        continue;
      }
      scenario_line.time = now;
      scenario_line.bytes = words.at(0) == "bytes" ? from_hex(words.at(1)) : read_intent_line(words).SerializeAsString();
    } catch (const std::exception& error) {
      throw std::invalid_argument(fmt::format("scenario line '{}': {}", line, error.what()));
    }
  }
  return lines;
}

}  // namespace sluice
