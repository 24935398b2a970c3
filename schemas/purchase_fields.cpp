#include "schemas/purchase_fields.h"

#include <google/protobuf/wire_format_lite.h>

#include "schemas/intent_format.h"
#include "schemas/utf8.h"

namespace sluice {
namespace {

using Wire = google::protobuf::internal::WireFormatLite;

constexpr std::uint8_t kContinues = 0x80;  // of a varint's byte: another one follows

// One byte, as all tags here are.
constexpr std::uint8_t tag(int field, Wire::WireType type) { return static_cast<std::uint8_t>(Wire::MakeTag(field, type)); }

// Takes what it expects off the front; after the first surprise everything is wrong.
class StrictReader {
 public:
  explicit StrictReader(std::string_view bytes) : rest_(bytes) {}

  std::uint8_t byte() {
    if (rest_.empty()) return fail();
    const auto value = static_cast<std::uint8_t>(rest_.front());
    rest_.remove_prefix(1);
    return value;
  }

  void expect(std::uint8_t value) { good_ = byte() == value && good_; }

  std::string_view text(int field) {
    expect(tag(field, Wire::WIRETYPE_LENGTH_DELIMITED));
    const std::uint8_t size = byte();
    if (size == 0 || size >= kContinues || size > rest_.size()) {
      fail();
      return {};
    }
    const std::string_view text = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return text;
  }

  // In the shortest form, of at most two bytes.
  std::uint32_t number(int field) {
    expect(tag(field, Wire::WIRETYPE_VARINT));
    const std::uint32_t low = byte();
    if (low < kContinues) return low == 0 ? fail() : low;
    const std::uint32_t high = byte();
    if (high == 0 || high >= kContinues) return fail();
    return (low & 0x7FU) | high << 7;
  }

  std::size_t left() const { return rest_.size(); }
  bool read_all() const { return good_ && rest_.empty(); }

 private:
  std::uint8_t fail() {
    good_ = false;
    return 0;
  }

  std::string_view rest_;
  bool good_ = true;
};

bool is_name(std::string_view text) { return !text.empty() && text.size() <= kNameBytesMax && is_utf8(text); }

}  // namespace

std::optional<PurchaseFields> read_purchase(std::string_view intent_bytes) {
  StrictReader reader(intent_bytes);
  reader.expect(tag(v1::Intent::kMagicFieldNumber, Wire::WIRETYPE_FIXED32));
  for (int shift = 0; shift < 32; shift += 8) reader.expect(static_cast<std::uint8_t>(kIntentMagic >> shift));
  reader.expect(tag(v1::Intent::kPurchaseFieldNumber, Wire::WIRETYPE_LENGTH_DELIMITED));
  std::size_t size = reader.byte();
  if (size >= kContinues) size = (size & 0x7FU) | std::size_t{reader.byte()} << 7;  // wrong lengths do not fit what is left
  if (size != reader.left()) return {};
  PurchaseFields purchase;
  purchase.sku = reader.text(v1::Purchase::kSkuFieldNumber);
  purchase.user = reader.text(v1::Purchase::kUserFieldNumber);
  purchase.request_key = reader.text(v1::Purchase::kRequestKeyFieldNumber);
  purchase.quantity = reader.number(v1::Purchase::kQuantityFieldNumber);
  if (!reader.read_all()) return {};
  // The texts, with the tags and lengths between them, which are ASCII, too.
  const char* const end = purchase.request_key.data() + purchase.request_key.size();
  if (!is_ascii({purchase.sku.data(), static_cast<std::size_t>(end - purchase.sku.data())})) return {};
  return purchase;
}

bool is_well_formed(const PurchaseFields& purchase) {
  return purchase.quantity >= 1 && purchase.quantity <= kQuantityMax && is_sku(purchase.sku) && is_name(purchase.user) &&
         is_name(purchase.request_key);
}

}  // namespace sluice
