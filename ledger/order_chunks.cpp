#include "ledger/order_chunks.h"

#include <fmt/format.h>
#include <google/protobuf/io/coded_stream.h>

#include <utility>
#include <vector>

#include "ledger/store_rows.h"
#include "ledger/wire_parts.h"
#include "schemas/ids.h"

namespace sluice {
namespace {

using google::protobuf::io::CodedInputStream;
using wire::Format;

constexpr std::uint32_t kOrdersTag = Format::MakeTag(v1::StoredChunk::kOrdersFieldNumber, Format::WIRETYPE_LENGTH_DELIMITED);
constexpr std::uint32_t kIdTag = Format::MakeTag(v1::Order::kIdFieldNumber, Format::WIRETYPE_FIXED64);
constexpr std::size_t kChunksAtOnce = 64;  // about a megabyte

Error unreadable() { return Error::damaged(fmt::format("the local store has an unreadable row of kind '{}'", kChunkRows)); }

const std::uint8_t* bytes_of(std::string_view text) { return reinterpret_cast<const std::uint8_t*>(text.data()); }

// The orders of some neighbouring chunks, those left out that have rows of their own.
class ChunkWalk {
 public:
  explicit ChunkWalk(std::vector<std::string> chunks) : chunks_(std::move(chunks)), reader_(std::string_view()) { step(); }

  bool damaged() const { return reader_.damaged(); }

  // Visits what comes before `id`, and passes `id` over.
  bool visit_before(std::uint64_t id, const std::function<bool(const KeptOrder&)>& visit) {
    for (; has_ && reader_.id() < id; step()) {
      if (!visit({reader_.id(), true, is_first_, reader_.order()})) return false;
    }
    if (has_ && reader_.id() == id) step();
    return !damaged();
  }

  bool visit_rest(const std::function<bool(const KeptOrder&)>& visit) {
    for (; has_; step()) {
      if (!visit({reader_.id(), true, is_first_, reader_.order()})) return false;
    }
    return !damaged();
  }

 private:
  void step() {
    is_first_ = false;
    has_ = reader_.next();
    while (!has_ && !reader_.damaged() && at_ < chunks_.size()) {
      reader_ = ChunkReader(chunks_[at_++]);
      is_first_ = true;
      has_ = reader_.next();
    }
  }

  const std::vector<std::string> chunks_;
  std::size_t at_ = 0;
  ChunkReader reader_;
  bool has_ = false;
  bool is_first_ = false;
};

}  // namespace

void ChunkWriter::add(std::uint64_t id, std::string_view order, RowWrites& rows) {
  if (chunk_.size() + order.size() > kChunkBytesMax) finish(rows);
  if (chunk_.empty()) {
    first_ = id;
    chunk_.reserve(kChunkBytesMax);
  }
  wire::append_bytes_field(chunk_, v1::StoredChunk::kOrdersFieldNumber, order);
}

void ChunkWriter::finish(RowWrites& rows) {
  if (chunk_.empty()) return;
  rows.puts.emplace_back(chunk_row(first_), std::move(chunk_));
  chunk_.clear();
}

bool ChunkReader::next() {
  if (rest_.empty() || damaged_) return false;
  CodedInputStream in(bytes_of(rest_), static_cast<int>(rest_.size()));
  std::uint32_t length = 0;
  if (in.ReadTag() != kOrdersTag || !in.ReadVarint32(&length)) return stop_as_damaged();
  const auto begin = static_cast<std::size_t>(in.CurrentPosition());
  if (length > rest_.size() - begin) return stop_as_damaged();
  order_ = rest_.substr(begin, length);
  rest_.remove_prefix(begin + length);
  // The id is the first field of an order, so that it is found without reading the rest.
  CodedInputStream order(bytes_of(order_), static_cast<int>(order_.size()));
  google::protobuf::uint64 id = 0;
  if (order.ReadTag() != kIdTag || !order.ReadLittleEndian64(&id)) return stop_as_damaged();
  id_ = id;
  return true;
}

bool ChunkReader::stop_as_damaged() {
  damaged_ = true;
  return false;
}

bool KeptOrder::read(v1::StoredOrder& stored) const {
  const auto size = static_cast<int>(bytes.size());
  if (!is_new) return stored.ParseFromArray(bytes.data(), size);
  if (!stored.mutable_order()->ParseFromArray(bytes.data(), size)) return false;
  stored.set_version(Ticket{id}.position().value);
  stored.set_changed_ms(stored.order().created_ms());
  return true;
}

Result<std::optional<KeptOrder>> find_in_chunk(std::string_view chunk, std::uint64_t id) {
  ChunkReader reader(chunk);
  while (reader.next() && reader.id() <= id) {
    if (reader.id() == id) return std::optional(KeptOrder{id, true, false, reader.order()});
  }
  if (reader.damaged()) return unreadable();
  return std::optional<KeptOrder>();
}

Result<void> visit_orders(LedgerStore& store, const std::function<bool(const KeptOrder&)>& visit) {
  const std::string chunks_end(1, static_cast<char>(kChunkRows.front() + 1));
  const std::string orders_end(1, static_cast<char>(kOrderRows.front() + 1));
  std::string chunks_from(kChunkRows);
  std::string orders_from(kOrderRows);
  while (true) {
    // A step's chunks are copied, so that nothing is read within a visit: they are small beside their orders' objects.
    std::vector<std::string> chunks;
    std::optional<std::string> next_chunk;
    auto scanned = store.scan_range(chunks_from, chunks_end, [&](std::string_view key, std::string_view value) {
      if (chunks.size() < kChunksAtOnce) {
        chunks.emplace_back(value);
        return true;
      }
      next_chunk = key;
      return false;
    });
    if (!scanned) return scanned;
    ChunkWalk walk(std::move(chunks));
    bool goes_on = true;
    const std::string end = next_chunk ? order_row(order_of_row(*next_chunk)) : orders_end;
    scanned = store.scan_range(orders_from, end, [&](std::string_view key, std::string_view value) {
      const std::uint64_t id = order_of_row(key);
      goes_on = walk.visit_before(id, visit) && visit({id, false, false, value});
      return goes_on;
    });
    if (!scanned) return scanned;
    goes_on = goes_on && walk.visit_rest(visit);
    if (walk.damaged()) return unreadable();
    if (!goes_on || !next_chunk) return {};
    chunks_from = *next_chunk;
    orders_from = end;
  }
}

}  // namespace sluice
