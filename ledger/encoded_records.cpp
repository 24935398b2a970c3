#include "ledger/encoded_records.h"

#include <algorithm>
#include <cstring>

#include "runtime/check.h"

namespace sluice {

EncodedRecord EncodedRecords::operator[](std::size_t index) const {
  CHECK(index < places_.size());
  const Place& place = places_[index];
  return {.sku = std::string_view(skus_).substr(place.sku_begin, place.sku_size),
          .bytes = std::string_view(bytes_.get() + place.begin, place.end - place.begin)};
}

char* EncodedRecords::room_for(std::size_t bytes_max) {
  constexpr std::size_t kFirst = std::size_t{4} << 10;
  if (capacity_ - used_ < bytes_max) {
    const std::size_t capacity = std::max({kFirst, 2 * capacity_, used_ + bytes_max});
    auto bytes = std::make_unique_for_overwrite<char[]>(capacity);
    if (used_ > 0) std::memcpy(bytes.get(), bytes_.get(), used_);
    bytes_ = std::move(bytes);
    capacity_ = capacity;
  }
  return bytes_.get() + used_;
}

void EncodedRecords::add(const char* begin, const char* end, std::string_view sku) {
  CHECK(begin >= bytes_.get() + used_ && begin <= end && end <= bytes_.get() + capacity_);
  used_ = static_cast<std::size_t>(end - bytes_.get());
  Place place{.begin = static_cast<std::size_t>(begin - bytes_.get()),
              .end = used_,
              .sku_begin = 0,
              .sku_size = static_cast<std::uint32_t>(sku.size())};
  if (!places_.empty()) place.sku_begin = places_.back().sku_begin;
  if (std::string_view(skus_).substr(place.sku_begin, sku.size()) != sku) {
    place.sku_begin = static_cast<std::uint32_t>(skus_.size());
    skus_ += sku;
  }
  places_.push_back(place);
}

}  // namespace sluice
