#include "ledger/store_folder.h"

#include <gmock/gmock.h>
#include <unistd.h>

#include <csignal>
#include <fstream>

#include "ledger/crash_note.h"
#include "tests/runtime/temporary_folder.h"

namespace sluice {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

constexpr UnixMillis kNow = 1'798'092'000'000;  // 2026-12-24T06:00:00Z

class StoreFolderTest : public testing::Test {
 protected:
  StoreFolderTest() { make_store("first"); }

  void make_store(const std::string& content) {
    fs::create_directories(directory_ / "3");
    std::ofstream(directory_ / "3" / "rows") << content;
  }

  std::vector<std::string> names() const {
    std::vector<std::string> names;
    for (const auto& entry : fs::directory_iterator(directory_)) names.push_back(entry.path().filename());
    std::ranges::sort(names);
    return names;
  }

  StoreFolder folder() { return {directory_, Partition{3}, metrics_}; }

  std::string count(const std::string& cause) {
    return "sluice_ledger_state_rebuilt_total{cause=\"" + cause + "\",partition=\"3\"} ";
  }

  const TemporaryFolder temporary_;
  const fs::path directory_ = temporary_.path();
  Metrics metrics_;
};

TEST_F(StoreFolderTest, LeavesAStoreAloneThatNobodyCondemned) {
  ASSERT_TRUE(folder().set_aside_if_condemned(kNow));
  EXPECT_THAT(names(), testing::ElementsAre("3"));
  EXPECT_THAT(metrics_.text(), HasSubstr(count("damaged") + "0"));
}

TEST_F(StoreFolderTest, SetsACondemnedStoreAsideOnceAndCountsWhy) {
  folder().condemn(StoreTrouble::kDamaged, "checksum mismatch");
  StoreFolder next = folder();  // also of the next process
  ASSERT_TRUE(next.set_aside_if_condemned(kNow));
  EXPECT_THAT(names(), testing::ElementsAre("3.aside-20261224T060000Z"));
  EXPECT_THAT(metrics_.text(), HasSubstr(count("damaged") + "1"));
  make_store("second");
  ASSERT_TRUE(next.set_aside_if_condemned(kNow));
  EXPECT_TRUE(fs::exists(directory_ / "3")) << "the store made anew was set aside, too";
}

TEST_F(StoreFolderTest, CountsAStoreOfAnotherFormatApart) {
  folder().condemn(StoreTrouble::kOther, "format 1");
  ASSERT_TRUE(folder().set_aside_if_condemned(kNow));
  EXPECT_THAT(metrics_.text(), HasSubstr(count("other") + "1"));
  EXPECT_THAT(metrics_.text(), HasSubstr(count("damaged") + "0"));
}

TEST_F(StoreFolderTest, KeepsTheNewestTwoThatWereSetAside) {
  for (const char* content : {"1", "2", "3", "4"}) {
    make_store(content);
    folder().condemn(StoreTrouble::kDamaged, "again");
    ASSERT_TRUE(folder().set_aside_if_condemned(kNow + 1000 * (*content - '1')));
  }
  EXPECT_THAT(names(), testing::ElementsAre("3.aside-20261224T060002Z", "3.aside-20261224T060003Z"));
}

TEST_F(StoreFolderTest, SetsTwoAsideWithinTheSameSecond) {
  for (const char* content : {"1", "2"}) {
    make_store(content);
    folder().condemn(StoreTrouble::kDamaged, "again");
    ASSERT_TRUE(folder().set_aside_if_condemned(kNow));
  }
  EXPECT_THAT(names(), testing::ElementsAre("3.aside-20261224T060000Z", "3.aside-20261224T060000Z.2"));
}

TEST_F(StoreFolderTest, LeavesTheStoresOfOtherPartitionsAlone) {
  fs::create_directories(directory_ / "31.aside-20200101T000000Z");
  fs::create_directories(directory_ / "31");
  for (int i = 0; i < 3; ++i) {
    make_store("x");
    folder().condemn(StoreTrouble::kDamaged, "again");
    ASSERT_TRUE(folder().set_aside_if_condemned(kNow + i * 1000));
  }
  EXPECT_TRUE(fs::exists(directory_ / "31.aside-20200101T000000Z"));
  EXPECT_TRUE(fs::exists(directory_ / "31"));
}

class CrashNoteTest : public StoreFolderTest {};

TEST_F(CrashNoteTest, SetsTheStoreAsideInWhichTheProcessDied) {
  const std::string note = folder().note();
  EXPECT_EXIT(
      {
        leave_crash_notes();
        const CrashNote inside(note);
        std::abort();
      },
      testing::KilledBySignal(SIGABRT), "");
  ASSERT_TRUE(fs::exists(note));
  ASSERT_TRUE(folder().set_aside_if_condemned(kNow));
  EXPECT_THAT(names(), testing::ElementsAre("3.aside-20261224T060000Z"));
  EXPECT_THAT(metrics_.text(), HasSubstr(count("aborted") + "1"));
}

TEST_F(CrashNoteTest, BlamesNoStoreWhenTheProcessDiesOutsideOfIt) {
  const std::string note = folder().note();
  EXPECT_EXIT(
      {
        leave_crash_notes();
        { const CrashNote inside(note); }
        std::abort();
      },
      testing::KilledBySignal(SIGABRT), "");
  EXPECT_FALSE(fs::exists(note));
}

TEST_F(CrashNoteTest, BlamesNoStoreForAKill) {
  const std::string note = folder().note();
  EXPECT_EXIT(
      {
        leave_crash_notes();
        const CrashNote inside(note);
        raise(SIGKILL);
      },
      testing::KilledBySignal(SIGKILL), "");
  EXPECT_FALSE(fs::exists(note));
}

}  // namespace
}  // namespace sluice
