// The rules as transcripts: tests/scenarios/*.txt holds what is asked, a line `----`, and what is ruled. To rewrite the second
// part after a change of the rules, run with SLUICE_REWRITE=1 and read the difference.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "ledger/ledger.h"
#include "ledger/restore.h"
#include "ledger/row_fetch.h"
#include "tests/ledger/orders_apart.h"
#include "tests/scenarios/scenario_print.h"
#include "tests/scenarios/scenario_script.h"

namespace sluice {
namespace {

constexpr std::string_view kSeparator = "----\n";
const LedgerIdentity kIdentity{.partition = {0}, .generation = {1}, .partition_count = kScenarioPartitionCount};

using Rows = RowsInMemory::Rows;

struct History {
  std::vector<std::string> records;
  Rows rows;
  std::uint64_t digest = 0;
};

// Decides the whole script, at most `batch_max` intents at a time.
History decide(const std::vector<ScenarioLine>& script, std::size_t batch_max) {
  std::vector<IntentMessage> intents;
  for (const ScenarioLine& line : script) {
    if (line.bytes) intents.push_back({static_cast<Offset>(intents.size()), line.time, *line.bytes});
  }
  History history;
  RowsInMemory store(history.rows);
  Ledger ledger(kIdentity);
  for (std::size_t done = 0; done < intents.size();) {
    const std::span<const IntentMessage> batch = std::span(intents).subspan(done, std::min(batch_max, intents.size() - done));
    WorkingSet working;
    for (;;) {
      const std::vector<std::string> missing = missing_rows(ledger.state(), batch, working);
      if (missing.empty()) break;
      EXPECT_TRUE(fetch_rows(store, missing, working));
    }
    Result<LedgerBatch> decided = ledger.decide(batch, working, true);
    EXPECT_TRUE(decided.ok()) << decided.error().message;
    for (const EncodedRecord record : decided->records) history.records.emplace_back(record.bytes);
    EXPECT_TRUE(store.write(decided->rows));
    done += static_cast<std::size_t>(decided->decided);
  }
  history.digest = ledger.state().digest;
  return history;
}

History redo(const std::vector<std::string>& records) {
  History history{.records = records, .rows = {}, .digest = 0};
  RowsInMemory store(history.rows);
  Ledger ledger(kIdentity);
  for (const std::string& bytes : records) {
    v1::OrderRecord record;
    EXPECT_TRUE(record.ParseFromString(bytes));
    Effects effects(true);
    const Result<void> redone = ledger.redo(record, effects);
    EXPECT_TRUE(redone.ok()) << redone.error().message;
    LedgerBatch batch;
    std::move(effects).move_to(ledger.state(), batch.rows, batch.view);
    EXPECT_TRUE(store.write(batch.rows));
  }
  history.digest = ledger.state().digest;
  return history;
}

std::string show(const std::vector<std::string>& records) {
  std::string text;
  for (const std::string& bytes : records) {
    v1::OrderRecord record;
    EXPECT_TRUE(record.ParseFromString(bytes));
    int index = 0;
    for_each_verdict(record, [&](Offset offset, UnixMillis, const v1::Verdict& verdict) {
      const std::string& sku = sku_of_verdict(record.unchanged(), index++);
      text += (record.has_change() ? show_change(offset, record.change()) : show_verdict(offset, verdict, sku)) + "\n";
    });
  }
  return text;
}

std::vector<std::filesystem::path> transcripts() {
  std::vector<std::filesystem::path> paths;
  for (const auto& entry : std::filesystem::directory_iterator("tests/scenarios")) {
    if (entry.path().extension() == ".txt" && entry.path().filename() != "CMakeLists.txt") paths.push_back(entry.path());
  }
  std::ranges::sort(paths);
  return paths;
}

std::string read_file(const std::filesystem::path& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

class Scenario : public testing::TestWithParam<std::filesystem::path> {
 protected:
  void SetUp() override {
    const std::string text = read_file(GetParam());
    asked_ = text.substr(0, text.find(kSeparator));
    if (asked_.size() < text.size()) expected_ = text.substr(asked_.size() + kSeparator.size());
    script_ = read_scenario(asked_);
  }

  std::string asked_;
  std::string expected_;
  std::vector<ScenarioLine> script_;
};

TEST_P(Scenario, RulesAsItsTranscriptSays) {
  const std::string ruled = show(decide(script_, 1).records);
  if (std::getenv("SLUICE_REWRITE") != nullptr) {
    std::ofstream(GetParam()) << asked_ << kSeparator << ruled;
  } else {
    EXPECT_EQ(ruled, expected_);
  }
}

TEST_P(Scenario, DoesNotDependOnHowIntentsAreBatched) {
  const History one_by_one = decide(script_, 1);
  for (const std::size_t batch_max : {2UL, 3UL, 1000UL}) {
    const History batched = decide(script_, batch_max);
    EXPECT_EQ(show(batched.records), show(one_by_one.records));
    EXPECT_EQ(batched.digest, one_by_one.digest);
    EXPECT_EQ(with_orders_apart(batched.rows), with_orders_apart(one_by_one.rows));
  }
}

TEST_P(Scenario, IsTheSameWhenRedoneFromItsRecords) {
  const History decided = decide(script_, 1000);
  const History redone = redo(decided.records);
  EXPECT_EQ(redone.digest, decided.digest);
  EXPECT_EQ(with_orders_apart(redone.rows), with_orders_apart(decided.rows));
}

INSTANTIATE_TEST_SUITE_P(Transcripts, Scenario, testing::ValuesIn(transcripts()),
                         [](const auto& transcript) { return transcript.param.stem().string(); });

}  // namespace
}  // namespace sluice
