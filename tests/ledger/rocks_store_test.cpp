#include "ledger/rocks_store.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rocksdb/db.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <csignal>
#include <fstream>
#include <limits>
#include <thread>

#include "ledger/store_rows.h"
#include "ledger/stored.pb.h"
#include "tests/runtime/temporary_folder.h"

// RocksDB hands a new background thread 16 bytes to free; a test that ends before the thread has begun would seem to leak them.
extern "C" const char* __lsan_default_suppressions() { return "leak:StartBGThreads\n"; }

namespace sluice {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::HasSubstr;

constexpr StoreIdentity kIdentity{Generation{1}, Partition{3}, 8};

std::string progress_row(std::int64_t next_offset, std::uint32_t format = kStoreFormat) {
  v1::StoredProgress progress;
  progress.set_format(format);
  progress.set_generation(1);
  progress.set_partition(3);
  progress.set_partition_count(8);
  progress.set_next_offset(next_offset);
  return progress.SerializeAsString();
}

class RocksStoreTest : public testing::Test {
 protected:
  fs::path folder() const { return settings_.directory / "3"; }

  std::unique_ptr<RocksStore> open() {
    auto store = RocksStore::open(settings_, kIdentity);
    EXPECT_TRUE(store.ok()) << store.error().message;
    return store.ok() ? std::move(store).value() : nullptr;
  }

  // Whatever it was written for.
  std::unique_ptr<RocksStore> open_any() {
    auto store = RocksStore::open(settings_, Partition{3});
    EXPECT_TRUE(store.ok()) << store.error().message;
    return store.ok() ? std::move(store).value() : nullptr;
  }

  // In the middle of the largest file of rows.
  bool flip_a_bit_of_rows() {
    fs::path rows;
    for (const auto& file : fs::directory_iterator(folder())) {
      if (file.path().extension() != ".sst") continue;
      if (rows.empty() || file.file_size() > fs::file_size(rows)) rows = file.path();
    }
    std::fstream file(rows, std::ios::in | std::ios::out | std::ios::binary);
    file.seekg(1000);
    const int byte = file.get();
    file.seekp(1000);
    file.put(static_cast<char>(byte ^ 1));
    return file.good();
  }

  Error refusal(const StoreIdentity& identity = kIdentity) {
    auto store = RocksStore::open(settings_, identity);
    EXPECT_FALSE(store.ok());
    return store.ok() ? Error::fatal("") : store.error();
  }

  const TemporaryFolder temporary_;
  RocksStoreSettings settings_{.directory = temporary_.path()};
};

std::vector<std::string> keys_under(LedgerStore& store, std::string_view prefix) {
  std::vector<std::string> keys;
  auto scanned = store.scan(prefix, [&](std::string_view key, std::string_view) {
    keys.emplace_back(key);
    return true;
  });
  EXPECT_TRUE(scanned.ok());
  return keys;
}

TEST_F(RocksStoreTest, ScansThePrefixInKeyOrderUntilTheVisitorHasEnough) {
  auto store = open();
  ASSERT_TRUE(store->write({{{"ob", "2"}, {"p", "-"}, {"oa", "1"}, {"n", "-"}, {"oc", "3"}}, {}}).ok());
  EXPECT_THAT(keys_under(*store, "o"), testing::ElementsAre("oa", "ob", "oc"));
  int visited = 0;
  ASSERT_TRUE(store->scan("o", [&](std::string_view, std::string_view) { return ++visited < 2; }).ok());
  EXPECT_EQ(visited, 2);
}

TEST_F(RocksStoreTest, GetsRowsInTheOrderOfTheKeysAndNothingForMissingOnes) {
  auto store = open();
  const std::string binary_key("o\0\xff\n", 4);
  ASSERT_TRUE(store->write({{{binary_key, std::string("\0v", 2)}, {"s", ""}}, {}}).ok());
  auto rows = store->get({"s", "none", binary_key});
  ASSERT_TRUE(rows.ok());
  EXPECT_THAT(*rows, testing::ElementsAre("", std::nullopt, std::string("\0v", 2)));
}

TEST_F(RocksStoreTest, FindsTheLastRowOfAKindAtOrBeforeAKey) {
  auto store = open();
  ASSERT_TRUE(store->write({{{"a9", "-"}, {"c2", "two"}, {"c4", "four"}, {"d", "-"}}, {}}).ok());
  std::vector<std::string> found(6, "nothing");
  ASSERT_TRUE(store
                  ->find_at_or_before({"b", "c1", "c2", "c3", "c4", "c5"},
                                      [&](std::size_t i, std::string_view, std::string_view value) { found[i] = value; })
                  .ok());
  EXPECT_THAT(found, testing::ElementsAre("nothing", "nothing", "two", "two", "four", "four"));
}

TEST_F(RocksStoreTest, ScansFromAKeyToBeforeAnother) {
  auto store = open();
  ASSERT_TRUE(store->write({{{"c1", ""}, {"c2", ""}, {"c3", ""}, {"d1", ""}}, {}}).ok());
  const auto keys_in = [&](std::string_view first, std::string_view end) {
    std::vector<std::string> keys;
    EXPECT_TRUE(
        store->scan_range(first, end, [&](std::string_view key, std::string_view) { return keys.emplace_back(key), true; }));
    return keys;
  };
  EXPECT_THAT(keys_in("c2", "c3"), testing::ElementsAre("c2"));
  EXPECT_THAT(keys_in("c15", ""), testing::ElementsAre("c2", "c3", "d1"));
  ASSERT_TRUE(store->write({{{"a", ""}, {"o", ""}}, {"c2"}}).ok());
  EXPECT_THAT(keys_in("", ""), testing::ElementsAre("a", "c1", "c3", "d1", "o")) << "also over the border of a column family";
  int visits = 0;
  ASSERT_TRUE(store->scan("", [&](std::string_view, std::string_view) { return ++visits < 2; }).ok());
  EXPECT_EQ(visits, 2);
}

TEST_F(RocksStoreTest, DeletesAndPutsInOneWrite) {
  auto store = open();
  ASSERT_TRUE(store->write({{{"a", "1"}, {"b", "2"}}, {}}).ok());
  ASSERT_TRUE(store->write({{{"c", "3"}}, {"a"}}).ok());
  EXPECT_THAT(keys_under(*store, ""), testing::ElementsAre("b", "c"));
}

TEST_F(RocksStoreTest, KeepsItsRowsOverAReopen) {
  ASSERT_TRUE(open()->write({{{std::string(kProgressRow), progress_row(7)}, {"o1", "x"}}, {}}).ok());
  auto store = open();
  EXPECT_EQ(store->get({"o1"})->front(), "x");
}

TEST_F(RocksStoreTest, GivesEveryPartitionAFolderOfItsOwn) {
  auto third = open();
  auto fourth = RocksStore::open(settings_, {Generation{1}, Partition{4}, 8});
  ASSERT_TRUE(fourth.ok()) << fourth.error().message;
  ASSERT_TRUE(third->write({{{"o", "third"}}, {}}).ok());
  EXPECT_EQ((*fourth)->get({"o"})->front(), std::nullopt);
  EXPECT_TRUE(fs::exists(settings_.directory / "3"));
  EXPECT_TRUE(fs::exists(settings_.directory / "4"));
}

TEST_F(RocksStoreTest, CanBeReadWhileTheLaneWrites) {
  auto store = open();
  std::atomic<bool> done = false;
  std::thread reader([&] {
    while (!done) {
      int rows = 0;
      ASSERT_TRUE(store->scan("o", [&](std::string_view, std::string_view) { return ++rows > 0; }).ok());
      EXPECT_EQ(rows % 2, 0) << "a scan saw half of a write";
    }
  });
  for (int i = 0; i < 2000; ++i) {
    ASSERT_TRUE(store->write({{{"o" + std::to_string(i) + "a", "x"}, {"o" + std::to_string(i) + "b", "x"}}, {}}).ok());
  }
  done = true;
  reader.join();
}

TEST_F(RocksStoreTest, IsOfNoUseForAnotherGenerationPartitionOrPartitionCount) {
  ASSERT_TRUE(open()->write({{{std::string(kProgressRow), progress_row(7)}}, {}}).ok());
  const Error generation = refusal({Generation{2}, Partition{3}, 8});
  EXPECT_EQ(generation.kind, Error::Kind::kDamaged);
  EXPECT_THAT(generation.message, AllOf(HasSubstr(folder()), HasSubstr("is of generation 1, partition 3 of 8"),
                                        HasSubstr("runs generation 2, partition 3 of 8")));
  EXPECT_THAT(refusal({Generation{1}, Partition{3}, 16}).message, HasSubstr("runs generation 1, partition 3 of 16"));
  fs::rename(folder(), settings_.directory / "5");
  EXPECT_THAT(refusal({Generation{1}, Partition{5}, 8}).message, HasSubstr("is of generation 1, partition 3 of 8"));
}

TEST_F(RocksStoreTest, IsOfNoUseInANewerOrAnOlderFormat) {
  for (const std::uint32_t format : {kStoreFormat + 1, kStoreFormat - 1}) {
    ASSERT_TRUE(open_any()->write({{{std::string(kProgressRow), progress_row(7, format)}}, {}}).ok());
    const Error error = refusal();
    EXPECT_EQ(error.kind, Error::Kind::kDamaged);
    EXPECT_THAT(error.message, HasSubstr(fmt::format("has format {}, this ledger reads {}", format, kStoreFormat)));
  }
}

TEST_F(RocksStoreTest, IsOfNoUseWhenItsProgressCannotBeRead) {
  ASSERT_TRUE(open()->write({{{std::string(kProgressRow), "\xff\xff"}}, {}}).ok());
  const Error error = refusal();
  EXPECT_EQ(error.kind, Error::Kind::kDamaged);
  EXPECT_THAT(error.message, HasSubstr("cannot be read"));
}

TEST_F(RocksStoreTest, RefusesAnotherProgramsRocksDb) {
  rocksdb::Options options;
  options.create_if_missing = true;
  rocksdb::DB* raw = nullptr;
  ASSERT_TRUE(rocksdb::DB::Open(options, folder(), &raw).ok());
  const std::unique_ptr<rocksdb::DB> foreign(raw);
  ASSERT_TRUE(foreign->Put(rocksdb::WriteOptions(), "counts", "7").ok());
  ASSERT_TRUE(foreign->Close().ok());
  const Error error = refusal();
  EXPECT_EQ(error.kind, Error::Kind::kFatal) << "what is somebody else's is left alone";
  EXPECT_THAT(error.message, HasSubstr("was not written by a ledger"));
}

TEST_F(RocksStoreTest, RefusesAFolderOfOtherFiles) {
  fs::create_directories(folder());
  std::ofstream(folder() / "thesis.txt") << "mine";
  const Error error = refusal();
  EXPECT_EQ(error.kind, Error::Kind::kFatal);
  EXPECT_THAT(error.message, HasSubstr("thesis.txt"));
  EXPECT_EQ(std::distance(fs::directory_iterator(folder()), fs::directory_iterator()), 1);
}

TEST_F(RocksStoreTest, TakesAFolderWhoseMakingACrashCutShort) {
  fs::create_directories(folder());
  std::ofstream(folder() / "LOCK");
  std::ofstream(folder() / "MANIFEST-000001") << "half";
  EXPECT_NE(open(), nullptr);
}

TEST_F(RocksStoreTest, SaysThatAFolderIsDamaged) {
  ASSERT_TRUE(open()->write({{{std::string(kProgressRow), progress_row(7)}}, {}}).ok());
  for (const auto& file : fs::directory_iterator(folder())) {
    if (file.path().filename().string().starts_with("MANIFEST-")) fs::resize_file(file.path(), fs::file_size(file.path()) / 2);
  }
  EXPECT_EQ(refusal().kind, Error::Kind::kDamaged);
}

TEST_F(RocksStoreTest, SaysThatAFolderIsDamagedThatLostItsNewestState) {
  ASSERT_TRUE(open()->write({{{std::string(kProgressRow), progress_row(7)}}, {}}).ok());
  fs::remove(folder() / "CURRENT");
  const Error error = refusal();
  EXPECT_EQ(error.kind, Error::Kind::kDamaged);
  EXPECT_THAT(error.message, HasSubstr("no CURRENT"));
}

TEST_F(RocksStoreTest, TakesNoMoreWritesAfterDamageWasRead) {
  ASSERT_TRUE(open()->write({{{std::string(kProgressRow), progress_row(7)}, {"o1", std::string(5000, 'x')}}, {}}).ok());
  open().reset();  // what was in the log of writes now lies in a file of rows
  ASSERT_TRUE(flip_a_bit_of_rows());
  auto store = RocksStore::open(settings_, Partition{3});
  ASSERT_TRUE(store.ok()) << store.error().message;
  const auto read = (*store)->get({"o1"});
  ASSERT_FALSE(read.ok());
  EXPECT_EQ(read.error().kind, Error::Kind::kDamaged);
  const auto written = (*store)->write({{{"o2", "y"}}, {}});
  ASSERT_FALSE(written.ok()) << "the lane would never learn of what the view's thread found";
  EXPECT_EQ(written.error().kind, Error::Kind::kDamaged);
}

TEST_F(RocksStoreTest, SaysThatTheFolderIsOpenElsewhereAndThatThisMayPass) {
  auto store = open();
  const Error error = refusal();
  EXPECT_EQ(error.kind, Error::Kind::kRetryable);
  EXPECT_THAT(error.message, HasSubstr("open elsewhere"));
  store.reset();
  EXPECT_NE(open(), nullptr);
}

TEST_F(RocksStoreTest, StopsBeforeTheDiskIsFull) {
  auto store = open();
  store.reset();
  settings_.free_bytes_min = std::numeric_limits<std::int64_t>::max();
  const Error error = refusal();
  EXPECT_EQ(error.kind, Error::Kind::kRetryable);
  EXPECT_THAT(error.message, AllOf(HasSubstr(folder()), HasSubstr("bytes free"), HasSubstr("9223372036854775807 needed")));
}

TEST_F(RocksStoreTest, SaysThatItsFolderHasVanishedAndIsMadeAnew) {
  auto store = open();
  ASSERT_NE(store, nullptr);
  ASSERT_TRUE(store->write({{{std::string(kProgressRow), progress_row(7)}}, {}}));
  fs::remove_all(settings_.directory);
  const auto written = store->write({{{std::string(kProgressRow), progress_row(8)}}, {}});
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().kind, Error::Kind::kRetryable) << written.error().message;
  EXPECT_THAT(written.error().message, HasSubstr("has vanished"));
  store.reset();
  store = open();
  ASSERT_NE(store, nullptr);
  EXPECT_EQ(store->get({std::string(kProgressRow)})->front(), std::nullopt);
}

TEST_F(RocksStoreTest, SaysOfADiskThatBecameFullAllTheSameThatThisMayPass) {
  if (mount("tmpfs", settings_.directory.c_str(), "tmpfs", 0, "size=30m") != 0)
    GTEST_SKIP() << "only root can mount a small disk";
  settings_.free_bytes_min = 0;
  auto store = open();
  Result<void> written;
  for (int i = 0; written && i < 1000; ++i)
    written = store->write({{{"m" + std::to_string(i), std::string(100'000, 'x')}}, {}});
  ASSERT_FALSE(written) << "100 MB found room on a disk of 30";
  EXPECT_EQ(written.error().kind, Error::Kind::kRetryable) << written.error().message;
  store.reset();
  umount2(settings_.directory.c_str(), MNT_DETACH);
}

// The child of rocks_store_writer.cpp: reads the numbers of its batches, kills it, and returns the last one it acknowledged.
std::int64_t kill_a_writer_after(const fs::path& directory, int rush, int batches) {
  std::array<int, 2> ends{};
  EXPECT_EQ(pipe2(ends.data(), O_CLOEXEC), 0);
  const pid_t child = fork();
  if (child == 0) {
    dup2(ends[1], STDOUT_FILENO);
    execl(ROCKS_STORE_WRITER, ROCKS_STORE_WRITER, directory.c_str(), std::to_string(rush).c_str(), nullptr);
    _exit(127);
  }
  close(ends[1]);
  std::string said;
  std::array<char, 4096> bytes{};
  bool killed = false;
  for (ssize_t size = 0; (size = read(ends[0], bytes.data(), bytes.size())) > 0;) {
    said.append(bytes.data(), static_cast<std::size_t>(size));
    if (!killed && std::count(said.begin(), said.end(), '\n') >= batches) killed = kill(child, SIGKILL) == 0;
  }
  close(ends[0]);
  int status = 0;
  waitpid(child, &status, 0);
  EXPECT_TRUE(WIFSIGNALED(status)) << "the writer ended by itself";
  const auto last_line = said.rfind('\n', said.size() - 2);
  return std::stoll(said.substr(last_line == std::string::npos ? 0 : last_line + 1));
}

// The position that the store holds after its writer was killed. All rows must be of that write.
std::int64_t position_after_a_kill(RocksStore& store) {
  v1::StoredProgress progress;
  const auto row = store.get({std::string(kProgressRow)});
  EXPECT_TRUE(row);
  if (!row->front()) return 0;
  EXPECT_TRUE(progress.ParseFromString(*row->front()));
  int rows = 0;
  for (const std::string_view kind : {kOrderRows, kChunkRows}) {
    EXPECT_TRUE(store
                    .scan(kind,
                          [&](std::string_view, std::string_view value) {
                            EXPECT_EQ(std::stoll(std::string(value)), progress.next_offset());
                            return ++rows > 0;
                          })
                    .ok());
  }
  EXPECT_EQ(rows, 21);
  std::int64_t writes = 0;
  EXPECT_TRUE(store.scan(kPaymentRows, [&](std::string_view, std::string_view) { return ++writes > 0; }).ok());
  EXPECT_EQ(writes, progress.next_offset()) << "an earlier write is lost";
  return progress.next_offset();
}

TEST_F(RocksStoreTest, HoldsStateAndPositionOfTheSameWriteAfterAWriterWasKilled) {
  for (int round = 0; round < 6; ++round) {
    const std::int64_t acknowledged = kill_a_writer_after(settings_.directory, 0, 1 + 400 * round);
    auto store = open();
    ASSERT_NE(store, nullptr);
    const std::int64_t position = position_after_a_kill(*store);
    EXPECT_GE(position, acknowledged) << "a write that had returned is lost";
    EXPECT_LE(position, acknowledged + 1);
  }
}

TEST_F(RocksStoreTest, HoldsAnEarlierWriteAfterAWriterWasKilledInARush) {
  for (int round = 0; round < 4; ++round) {
    const std::int64_t acknowledged = kill_a_writer_after(settings_.directory, 100'000, 100 + 150 * round);
    auto store = open();
    ASSERT_NE(store, nullptr);
    const std::int64_t position = position_after_a_kill(*store);
    EXPECT_LE(position, acknowledged + 1);
    EXPECT_GE(position, acknowledged - 3 * 80) << "more than three buffers of 80 such writes are lost";
  }
}

TEST_F(RocksStoreTest, HoldsEveryWriteAgainWhenTheRushIsOver) {
  for (int round = 0; round < 3; ++round) {
    const std::int64_t acknowledged = kill_a_writer_after(settings_.directory, 130, 140 + round);
    auto store = open();
    ASSERT_NE(store, nullptr);
    EXPECT_GE(position_after_a_kill(*store), acknowledged) << "a write that had returned is lost";
  }
}

}  // namespace
}  // namespace sluice
