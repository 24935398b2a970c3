// Pure: the records of one batch, serialised one after another into one piece of memory: no allocation and no copy a record.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace sluice {

struct EncodedRecord {
  std::string_view sku;  // the message's key; empty for a run of intents that changed nothing
  std::string_view bytes;
};

class EncodedRecords {
 public:
  class Iterator {
   public:
    Iterator(const EncodedRecords& records, std::size_t index) : records_(records), index_(index) {}
    EncodedRecord operator*() const { return records_[index_]; }
    Iterator& operator++() {
      ++index_;
      return *this;
    }
    bool operator==(const Iterator& other) const { return index_ == other.index_; }

   private:
    const EncodedRecords& records_;
    std::size_t index_;
  };

  std::size_t size() const { return places_.size(); }
  bool empty() const { return places_.empty(); }
  std::size_t bytes() const { return used_; }  // of all
  // The views live as long as the records do, and nothing is added.
  EncodedRecord operator[](std::size_t index) const;
  EncodedRecord front() const { return (*this)[0]; }
  Iterator begin() const { return {*this, 0}; }
  Iterator end() const { return {*this, size()}; }

  // Where the next record can be written, at most `bytes_max` of it.
  char* room_for(std::size_t bytes_max);
  // What was written there, from `begin` to `end`, is a record.
  void add(const char* begin, const char* end, std::string_view sku);

 private:
  struct Place {
    std::size_t begin = 0;
    std::size_t end = 0;
    std::uint32_t sku_begin = 0;
    std::uint32_t sku_size = 0;
  };

  std::unique_ptr<char[]> bytes_;
  std::size_t used_ = 0;
  std::size_t capacity_ = 0;
  std::string skus_;  // neighbours mostly share one
  std::vector<Place> places_;
};

}  // namespace sluice
