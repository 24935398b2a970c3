// Shell: any bytes in `orders`, one record after the other: ingest, sink and reaper take a record or refuse it,
// whatever it says.
#include <cstddef>
#include <cstdint>

#include "ingest/verdicts.h"
#include "reaper/partition_deadlines.h"
#include "sink/partition_fold.h"
#include "tests/fuzz/input.h"

namespace {

using namespace sluice;

constexpr Partition kPartition{0};
constexpr Generation kGeneration{1};
constexpr UnixMillis kNow = 1'000'000'000;
constexpr std::size_t kRecordBytesMax = 255;  // one byte says how many

struct Readers {
  PartitionFold sink{kPartition, kGeneration, StoredPosition{}, {}};
  PartitionDeadlines reaper{kPartition, kGeneration, ProposalLimits{}, ReadMark{}, 1};
  Verdicts ingest{kGeneration, kPartition, VerdictBounds{.verdicts = 16, .orders = 4}};
  bool sink_reads = true, reaper_reads = true, ingest_reads = true;

  void take(const v1::OrderRecord& record, std::int64_t place) {
    if (sink_reads) sink_reads = sink.add(record, place).ok();
    if (sink_reads) static_cast<void>(sink.rows());
    if (reaper_reads) {
      Happened happened;
      reaper_reads = reaper.take(record, place, kNow, happened).ok();
      std::vector<Proposal> proposals;
      if (reaper_reads) reaper.propose(kNow, proposals);
    }
    if (ingest_reads) ingest_reads = ingest.take(record, kNow, kNow) != Coverage::Ruling::kGap;
    if (!ingest_reads) return;
    for (Offset offset = static_cast<Offset>(record.first_offset()); offset < ingest.next(); ++offset) {
      static_cast<void>(ingest.find(Ticket::of(kPartition, Position::at(kGeneration, offset))));
      if (offset - static_cast<Offset>(record.first_offset()) > 64) break;
    }
  }
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::Input input(data, size);
  Readers readers;
  v1::OrderRecord record;
  for (std::int64_t place = 0; !input.is_empty(); ++place) {
    const std::string_view bytes = input.bytes(std::min<std::size_t>(input.byte(), kRecordBytesMax));
    if (!record.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) continue;
    readers.take(record, place);
  }
  return 0;
}
