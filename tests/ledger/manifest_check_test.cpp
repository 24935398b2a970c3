// Every byte and every length of a real MANIFEST: none may be changed unseen, for RocksDB opens some of them with rows missing.
#include "ledger/manifest_check.h"

#include <gtest/gtest.h>
#include <rocksdb/db.h>

#include <algorithm>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "ledger/rocks_store.h"
#include "ledger/store_rows.h"
#include "tests/runtime/temporary_folder.h"

namespace sluice {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kBlockBytes = 32 << 10;
constexpr std::size_t kHeaderBytes = 7;

class ManifestCheckTest : public testing::Test {
 protected:
  fs::path store() const { return directory_ / "3"; }

  // A store of a ledger, with a flush behind it.
  void make_store() const {
    for (int start = 0; start < 3; ++start) {
      auto made = RocksStore::open({directory_}, Partition{3});
      ASSERT_TRUE(made) << made.error().message;
      ASSERT_TRUE((*made)->write({{{std::string(kOrderRows) + "1", "x"}, {std::string(kChunkRows) + "1", "y"}}, {}}));
    }
  }

  fs::path manifest() const {
    std::string name;
    std::getline(std::ifstream(store() / "CURRENT"), name);
    return store() / name;
  }

  std::string content() const {
    std::ostringstream read;
    read << std::ifstream(manifest(), std::ios::binary).rdbuf();
    return read.str();
  }

  void change_to(std::string_view content) const { std::ofstream(manifest(), std::ios::binary) << content; }

  void expect_damaged(const std::string& what) const {
    const auto checked = check_manifest(store());
    ASSERT_FALSE(checked) << what;
    EXPECT_EQ(checked.error().kind, Error::Kind::kDamaged) << what;
    EXPECT_NE(checked.error().message.find(manifest().filename()), std::string::npos) << checked.error().message;
  }

  const TemporaryFolder temporary_;
  const fs::path directory_ = temporary_.path();
};

// Where its records begin, and its end. REQUIRES: one block.
std::vector<std::size_t> borders_of(std::string_view manifest) {
  std::vector<std::size_t> borders = {0};
  while (borders.back() < manifest.size()) {
    const auto byte = [&](std::size_t i) { return std::size_t{static_cast<unsigned char>(manifest[borders.back() + i])}; };
    borders.push_back(borders.back() + kHeaderBytes + byte(4) + (byte(5) << 8));
  }
  return borders;
}

TEST_F(ManifestCheckTest, NoByteCanBeChangedUnseen) {
  make_store();
  const std::string whole = content();
  ASSERT_LT(whole.size(), kBlockBytes);
  for (std::size_t at = 0; at < whole.size(); ++at) {
    std::string flipped = whole;
    flipped[at] = static_cast<char>(flipped[at] ^ (1 << at % 8));
    change_to(flipped);
    expect_damaged("a bit of " + std::to_string(at));
  }
  change_to(whole);
  EXPECT_TRUE(check_manifest(store()));
}

TEST_F(ManifestCheckTest, NoRecordCanBeCutShortUnseen) {
  make_store();
  const std::string whole = content();
  const auto borders = borders_of(whole);
  ASSERT_GT(borders.size(), 4U);
  for (std::size_t size = 1; size < whole.size(); ++size) {
    change_to(whole.substr(0, size));
    if (!std::ranges::binary_search(borders, size)) expect_damaged(std::to_string(size) + " bytes");
  }
}

TEST_F(ManifestCheckTest, ALongOneIsReadToItsEnd) {
  rocksdb::Options options;
  options.create_if_missing = true;
  options.disable_auto_compactions = true;
  rocksdb::DB* raw = nullptr;
  ASSERT_TRUE(rocksdb::DB::Open(options, store(), &raw).ok());
  const std::unique_ptr<rocksdb::DB> rows(raw);
  while (fs::file_size(manifest()) < 2 * kBlockBytes + 1000) {
    ASSERT_TRUE(rows->Put(rocksdb::WriteOptions(), std::string(1000, 'k'), "").ok());  // which its records repeat
    ASSERT_TRUE(rows->Flush(rocksdb::FlushOptions()).ok());
  }
  ASSERT_TRUE(rows->Close().ok());
  EXPECT_TRUE(check_manifest(store()));
  const std::string whole = content();
  for (std::size_t at = 0; at < whole.size(); at += 97) {
    if (at % kBlockBytes > kBlockBytes - kHeaderBytes) continue;  // may be what a block is filled up with
    std::string flipped = whole;
    flipped[at] = static_cast<char>(flipped[at] ^ 1);
    change_to(flipped);
    expect_damaged("a bit of " + std::to_string(at));
  }
}

TEST_F(ManifestCheckTest, AStoreIsNotOpenedWithADamagedOne) {
  make_store();
  std::string flipped = content();
  const std::size_t last = *(borders_of(flipped).end() - 2);
  flipped[last + 5] = 1;  // a last record that seems to be 256 bytes longer: RocksDB would open the store without it
  change_to(flipped);
  const auto opened = RocksStore::open({directory_}, Partition{3});
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().kind, Error::Kind::kDamaged);
}

TEST_F(ManifestCheckTest, WhatSomebodyElseHasOpenIsNotLookedAt) {
  make_store();
  const auto other = RocksStore::open({directory_}, Partition{3});
  ASSERT_TRUE(other);
  change_to(content().substr(0, 10));  // as if it were in the midst of writing
  EXPECT_TRUE(check_manifest(store()));
}

TEST_F(ManifestCheckTest, WhatIsNotThereIsLeftToRocksDb) {
  EXPECT_TRUE(check_manifest(store()));
  make_store();
  fs::remove(manifest());
  EXPECT_TRUE(check_manifest(store()));
  std::ofstream(store() / "CURRENT") << "nonsense\n";
  EXPECT_TRUE(check_manifest(store()));
}

}  // namespace
}  // namespace sluice
