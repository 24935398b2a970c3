// Adapter (Linux): any text as a daemon's settings: it is taken within its bounds, or refused with the place and the remedy.
#include "runtime/settings.h"

#include <sys/mman.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <string>

#include "runtime/check.h"

namespace {

using namespace sluice;

// The content is read by the name of the file, so the file is one that exists nowhere but in memory.
struct Document {
  explicit Document(const std::uint8_t* bytes, std::size_t size) : file(memfd_create("settings", 0)) {
    CHECK(file >= 0 && write(file, bytes, size) == static_cast<ssize_t>(size));
  }
  ~Document() { close(file); }
  Document(const Document&) = delete;
  Document& operator=(const Document&) = delete;

  const int file;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const Document document(data, size);
  std::string brokers, address = "127.0.0.1", level = "info";
  std::vector<std::string> keys, origins = {"one"};
  std::int32_t partitions = 8;
  std::uint16_t port = 80;
  std::int64_t wait = 10;
  bool strict = false;
  SettingFields fields;
  fields.required("kafka.brokers", brokers, "brokers");
  fields.required("ids.keys", keys, "keys");
  fields.optional("http.origins", origins, "origins");
  fields.optional("topics.partitions", partitions, {1, 4096}, "partitions");
  fields.optional("http.port", port, {1, 65535}, "port");
  fields.optional("http.limits.wait_ms", wait, {0, 60'000}, "wait");
  fields.optional("http.strict", strict, "strict");
  fields.choice("log.level", level, {"debug", "info"}, "level");
  const TextRule no_spaces{"have no spaces", [](const std::string& text) { return text.find(' ') == std::string::npos; }};
  fields.optional("http.address", address, no_spaces, "address");

  const Result<void> loaded = fields.load("/proc/self/fd/" + std::to_string(document.file));
  if (!loaded) {
    CHECK(!loaded.error().message.empty());
    return 0;
  }
  CHECK(!brokers.empty() && !keys.empty());
  CHECK(partitions >= 1 && partitions <= 4096 && port >= 1 && wait >= 0 && wait <= 60'000);
  CHECK((level == "debug" || level == "info") && address.find(' ') == std::string::npos);
  for (const Setting& setting : fields.all()) {
    CHECK(!setting.origin.empty());
    static_cast<void>(text_of(setting.value));
  }
  return 0;
}
