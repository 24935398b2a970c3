#include "ctl/sale_file.h"

#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

#include <cerrno>
#include <charconv>
#include <cstring>
#include <fstream>
#include <functional>
#include <iterator>
#include <map>
#include <string_view>

#include "runtime/moment.h"
#include "runtime/yaml_documents.h"
#include "schemas/intent_format.h"

namespace sluice {
namespace {

constexpr std::uint32_t kHoldSecondsDefault = 20 * 60;
constexpr std::string_view kTimeHelp = "must be a time like 2026-12-24T06:00:00Z or +5s";

// What is wrong with a value, to follow the key in the error; empty if nothing is.
using Take = std::function<std::string(const YAML::Node& value)>;

struct Key {
  Take take;
  bool required;
};
using Keys = std::map<std::string, Key, std::less<>>;

Take text_into(std::string* field) {
  return [field](const YAML::Node& value) -> std::string {
    if (!value.IsScalar()) return "must be text";
    *field = value.Scalar();
    return {};
  };
}

template <typename T>
Take number_into(const std::function<void(T)>& set) {
  return [set](const YAML::Node& value) -> std::string {
    T number = 0;
    const std::string text = value.IsScalar() ? value.Scalar() : "";
    const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (failure != std::errc() || end != text.data() + text.size() || number < 0) {
      return fmt::format("must be a whole number, not '{}'", text);
    }
    set(number);
    return {};
  };
}

Take moment_into(UnixMillis now, const std::function<void(UnixMillis)>& set) {
  return [now, set](const YAML::Node& value) -> std::string {
    const auto moment = value.IsScalar() ? parse_moment(value.Scalar(), now) : std::nullopt;
    if (!moment) return fmt::format("{}, not '{}'", kTimeHelp, value.IsScalar() ? value.Scalar() : "");
    set(*moment);
    return {};
  };
}

Take late_payment_into(v1::DefineSale& sale) {
  return [&sale](const YAML::Node& value) -> std::string {
    const std::string word = value.IsScalar() ? value.Scalar() : "";
    if (word != "refund" && word != "rebuy_or_refund") return fmt::format("must be refund or rebuy_or_refund, not '{}'", word);
    sale.set_late_payment(word == "refund" ? v1::LATE_PAYMENT_REFUND : v1::LATE_PAYMENT_REBUY_OR_REFUND);
    return {};
  };
}

// Reads one document, and remembers the line of every key, so that a problem which is found later can name it too.
class SaleReader {
 public:
  SaleReader(const std::string& path, UnixMillis now) : path_(path), now_(now) {}

  Result<v1::DefineSale> read(const YAML::Node& document) {
    v1::DefineSale sale;
    sale.set_version(1);
    sale.set_hold_seconds(kHoldSecondsDefault);
    sale.set_late_payment(v1::LATE_PAYMENT_REFUND);
    if (auto done = read_map(document, "", keys_of(sale)); !done) return done.error();
    if (auto done = read_slots(document["slots"], sale); !done) return done.error();
    if (const std::string problem = problem_with(sale); !problem.empty()) return found_later(problem);
    return sale;
  }

 private:
  Keys keys_of(v1::DefineSale& sale) const {
    return {
        {"sku", {text_into(sale.mutable_sku()), true}},
        {"sale_id", {text_into(sale.mutable_sale_id()), true}},
        {"version", {number_into<std::uint32_t>([&sale](std::uint32_t n) { sale.set_version(n); }), false}},
        {"title", {text_into(sale.mutable_title()), false}},
        {"price_minor", {number_into<std::int64_t>([&sale](std::int64_t n) { sale.set_price_minor(n); }), true}},
        {"currency", {text_into(sale.mutable_currency()), true}},
        {"limit_per_user", {number_into<std::uint32_t>([&sale](std::uint32_t n) { sale.set_limit_per_user(n); }), true}},
        {"hold_seconds", {number_into<std::uint32_t>([&sale](std::uint32_t n) { sale.set_hold_seconds(n); }), false}},
        {"late_payment", {late_payment_into(sale), false}},
        {"slots", {[](const YAML::Node& v) { return v.IsSequence() ? std::string() : std::string("must be a list"); }, true}},
    };
  }

  Result<void> read_slots(const YAML::Node& slots, v1::DefineSale& sale) {
    for (std::size_t i = 0; i < slots.size(); ++i) {
      v1::Slot& slot = *sale.add_slots();
      const Keys keys = {
          {"opens", {moment_into(now_, [&slot](UnixMillis t) { slot.set_opens_ms(t); }), true}},
          {"closes", {moment_into(now_, [&slot](UnixMillis t) { slot.set_closes_ms(t); }), true}},
          {"quantity", {number_into<std::uint32_t>([&slot](std::uint32_t n) { slot.set_quantity(n); }), true}},
      };
      if (auto done = read_map(slots[i], fmt::format("slots[{}].", i), keys); !done) return done;
    }
    return {};
  }

  // `prefix` stands before the keys in errors.
  Result<void> read_map(const YAML::Node& map, const std::string& prefix, const Keys& keys) {
    if (!map.IsMap()) {
      return problem_at(map.Mark().line,
                        prefix.empty() ? "must hold the keys of a sale" : fmt::format("'{}' must hold keys", prefix));
    }
    for (const auto& entry : map) {
      const std::string word = entry.first.IsScalar() ? entry.first.Scalar() : "";
      const std::string name = prefix + word;
      const int line = entry.first.Mark().line;
      const auto key = keys.find(word);
      if (key == keys.end()) return problem_at(line, fmt::format("'{}' is no key of a sale; there are {}", name, list(keys)));
      if (!lines_.emplace(name, line).second) return problem_at(line, fmt::format("'{}' stands here a second time", name));
      if (const std::string problem = key->second.take(entry.second); !problem.empty()) {
        return problem_at(line, fmt::format("{} {}", name, problem));
      }
    }
    for (const auto& [word, key] : keys) {
      if (key.required && !map[word]) return problem_at(map.Mark().line, fmt::format("'{}{}' is missing", prefix, word));
    }
    return {};
  }

  static std::string list(const Keys& keys) {
    std::string words;
    for (const auto& entry : keys) words += (words.empty() ? "" : ", ") + entry.first;
    return words;
  }

  // The texts of intent_format.h begin with the key, or speak of the slots as a whole.
  Error found_later(const std::string& problem) const {
    int line = lines_.at("slots");
    for (const auto& [name, of_key] : lines_) {
      if (problem.starts_with(name + " ")) line = of_key;
    }
    return problem_at(line, problem);
  }

  Error problem_at(int line, const std::string& problem) const {
    return Error::fatal(fmt::format("{}:{}: {}", path_, line + 1, problem));
  }

  const std::string& path_;
  const UnixMillis now_;
  std::map<std::string, int> lines_;
};

}  // namespace

Result<std::vector<v1::DefineSale>> read_sales(const std::string& text, const std::string& path, UnixMillis now) {
  if (auto documents = count_yaml_documents(text, path); !documents) return documents.error();
  std::vector<v1::DefineSale> sales;
  try {
    for (const YAML::Node& document : YAML::LoadAll(text)) {
      auto sale = SaleReader(path, now).read(document);
      if (!sale) return sale.error();
      sales.push_back(std::move(*sale));
    }
  } catch (const YAML::Exception& wrong) {
    return Error::fatal(fmt::format("{}:{}: {}", path, wrong.mark.line + 1, wrong.msg));
  }
  if (sales.empty()) return Error::fatal(path + ":1: holds no sale");
  return sales;
}

Result<std::vector<v1::DefineSale>> read_sale_file(const std::string& path, UnixMillis now) {
  std::ifstream file(path, std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  if (!file) return Error::fatal(fmt::format("{}: cannot be read: {}", path, std::strerror(errno)));
  return read_sales(text, path, now);
}

}  // namespace sluice
