#include "ledger/disk_watch.h"

#include <gmock/gmock.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "tests/runtime/temporary_folder.h"

namespace sluice {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::HasSubstr;

class DiskWatchTest : public testing::Test {
 protected:
  DiskWatch watch(std::uint64_t free_bytes_min) {
    return {folder_, free_bytes_min, metrics_, [this](const fs::path&) -> Result<std::uint64_t> { return free_; }};
  }

  const TemporaryFolder temporary_;
  const fs::path folder_ = temporary_.path();
  std::uint64_t free_ = 0;
  Metrics metrics_;
};

TEST_F(DiskWatchTest, SaysWhichDiskIsNearlyFullHowMuchIsFreeAndWhatToDo) {
  DiskWatch disk = watch(1000);
  free_ = 999;
  const auto checked = disk.check();
  ASSERT_FALSE(checked);
  EXPECT_EQ(checked.error().kind, Error::Kind::kRetryable) << "it goes on by itself";
  EXPECT_THAT(checked.error().message, AllOf(HasSubstr(folder_), HasSubstr("999 bytes free"), HasSubstr("below 1000"),
                                             HasSubstr("state.free_mib_min"), HasSubstr("at 1250"), HasSubstr("Make room")));
  EXPECT_THAT(metrics_.text(), AllOf(HasSubstr("sluice_ledger_disk_full 1"), HasSubstr("sluice_ledger_disk_free_bytes 999")));
}

TEST_F(DiskWatchTest, GoesOnOnlyWhenThereIsAQuarterMoreThanWhereItStops) {
  DiskWatch disk = watch(1000);
  free_ = 1000;
  EXPECT_TRUE(disk.check());
  free_ = 900;
  const auto stopped = disk.check();
  ASSERT_FALSE(stopped);
  free_ = 1249;
  const auto still = disk.check();
  ASSERT_FALSE(still) << "it would start and stop the lanes in turn";
  EXPECT_EQ(still.error().message, stopped.error().message) << "another number each time would be another line each time";
  free_ = 1250;
  EXPECT_TRUE(disk.check());
  EXPECT_THAT(metrics_.text(), HasSubstr("sluice_ledger_disk_full 0"));
  free_ = 1000;
  EXPECT_TRUE(disk.check());
}

TEST_F(DiskWatchTest, AsksTheDiskOfTheFolderWhichItMakes) {
  DiskWatch disk(folder_ / "state", 1, metrics_);
  EXPECT_TRUE(disk.check());
  EXPECT_TRUE(fs::exists(folder_ / "state"));
}

TEST_F(DiskWatchTest, MakesAFolderAnewThatHasVanishedAndSaysSo) {
  DiskWatch disk(folder_ / "state", 1, metrics_);
  fs::remove_all(folder_);
  testing::internal::CaptureStderr();
  EXPECT_TRUE(disk.check());
  EXPECT_THAT(testing::internal::GetCapturedStderr(),
              AllOf(HasSubstr(folder_ / "state"), HasSubstr("had vanished and was made anew")));
  EXPECT_TRUE(fs::exists(folder_ / "state"));
}

TEST_F(DiskWatchTest, SaysThatItCannotAsk) {
  std::ofstream(folder_ / "file") << "no folder";
  DiskWatch disk(folder_ / "file" / "state", 1, metrics_);
  const auto checked = disk.check();
  ASSERT_FALSE(checked);
  EXPECT_EQ(checked.error().kind, Error::Kind::kFatal);
}

}  // namespace
}  // namespace sluice
