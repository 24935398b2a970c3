// Real RocksDB files with a flipped bit, in every kind of file: whatever RocksDB makes of it (often its assertions end the
// process), the next start finds a store that it can use.
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <random>

#include "ledger/rocks_store.h"
#include "ledger/store_folder.h"
#include "ledger/store_rows.h"
#include "tests/runtime/temporary_folder.h"

namespace sluice {
namespace {

namespace fs = std::filesystem;

constexpr StoreIdentity kIdentity{Generation{1}, Partition{3}, 8};
constexpr int kFlipsOfAKind = 20;

class FlippedBitsTest : public testing::Test {
 protected:
  FlippedBitsTest() {
    fs::create_directories(directory_ / "whole");
    fill(directory_ / "whole");
  }

  // Rows in files of rows, from earlier starts, and some in the log of writes: of either column family one for every position.
  static void fill(const fs::path& directory) {
    v1::StoredProgress progress;
    progress.set_format(kStoreFormat);
    progress.set_generation(1);
    progress.set_partition(3);
    progress.set_partition_count(8);
    for (std::uint64_t start = 0; start < 3; ++start) {
      auto store = RocksStore::open({directory}, kIdentity);
      ASSERT_TRUE(store.ok()) << store.error().message;
      for (std::uint64_t i = 0; i < 200; ++i) {
        progress.set_next_offset(static_cast<std::int64_t>(start * 200 + i + 1));
        RowWrites writes;
        writes.puts.emplace_back(kProgressRow, progress.SerializeAsString());
        writes.puts.emplace_back(order_row(start * 200 + i), std::string(300, static_cast<char>(i)));
        writes.puts.emplace_back(fmt::format("{}{:06}", kChunkRows, start * 200 + i), "");
        ASSERT_TRUE((*store)->write(std::move(writes)).ok());
      }
    }
  }

  fs::path copy() {
    fs::path copied = directory_ / fmt::format("{}", ++copies_);
    fs::copy(directory_ / "whole", copied, fs::copy_options::recursive);
    return copied;
  }

  void flip(const fs::path& path) {
    const auto size = fs::file_size(path);
    ASSERT_GT(size, 0U);
    const auto place = static_cast<std::streamoff>(dice_() % size);
    std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
    file.seekg(place);
    const int byte = file.get();
    file.seekp(place);
    file.put(static_cast<char>(byte ^ (1 << dice_() % 8)));
  }

  // "0": read; "3": damaged; "4": rows are missing; "killed by 6": aborted …
  std::string start_on(const fs::path& directory) {
    const pid_t child = fork();
    if (child == 0) {
      freopen("/dev/null", "w", stderr);
      execl(ROCKS_STORE_READER, ROCKS_STORE_READER, directory.c_str(), nullptr);
      _exit(127);
    }
    int status = 0;
    waitpid(child, &status, 0);
    return WIFSIGNALED(status) ? fmt::format("killed by {}", WTERMSIG(status)) : fmt::format("{}", WEXITSTATUS(status));
  }

  std::vector<fs::path> files(const fs::path& store, std::string_view kind) {
    std::vector<fs::path> found;
    for (const auto& file : fs::directory_iterator(store)) {
      const std::string name = file.path().filename();
      if (file.file_size() > 0 && (name.starts_with(kind) || name.ends_with(kind))) found.push_back(file.path());
    }
    std::ranges::sort(found);
    return found;
  }

  const TemporaryFolder temporary_;
  const fs::path directory_ = temporary_.path();
  std::mt19937 dice_{7};
  int copies_ = 0;
  Metrics metrics_;
};

TEST_F(FlippedBitsTest, TheNextStartFindsAStoreThatItCanUse) {
  std::map<std::string, int> ends;
  for (const std::string_view kind : {".sst", ".log", "MANIFEST-", "CURRENT", "OPTIONS-", "IDENTITY"}) {
    for (int i = 0; i < kFlipsOfAKind; ++i) {
      const fs::path store = copy();
      const auto candidates = files(store / "3", kind);
      ASSERT_FALSE(candidates.empty()) << kind;
      flip(candidates[dice_() % candidates.size()]);
      std::string end = start_on(store);
      ++ends[fmt::format("{} {}", kind, end)];
      ASSERT_NE(end, "4") << kind << ": rows are missing, and nobody says so";
      if (end == "0") continue;
      StoreFolder folder(store, Partition{3}, metrics_);
      if (end == "3") folder.condemn(StoreTrouble::kDamaged, "as the lane does");
      EXPECT_TRUE(fs::exists(folder.note())) << kind << ": ended with " << end << " and left no note: it would do so for ever";
      ASSERT_TRUE(folder.set_aside_if_condemned(1));
      EXPECT_EQ(start_on(store), "0") << kind;
    }
  }
  EXPECT_GT(ends[".sst 3"], 0) << "no flip was noticed: nothing was tried";
}

}  // namespace
}  // namespace sluice
