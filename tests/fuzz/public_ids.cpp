// Shell: any text as an id: it names a ticket or none, and only for its user; and every ticket's id is read back.
#include "schemas/public_id.h"

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>

#include "runtime/check.h"
#include "tests/fuzz/input.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sluice;
  static const PublicIds kIds({"a key of 16 bytes", "one from before it"});
  fuzz::Input input(data, size);
  const std::string user(input.piece());
  const std::string text(input.piece());
  if (const auto ticket = kIds.read(text, user)) {
    CHECK(PublicIds::read_trusted(text) == ticket);
    CHECK(kIds.read(kIds.write(*ticket, user), user) == ticket);
  }
  static_cast<void>(PublicIds::read_trusted(text));

  std::uint64_t number = 0;
  const std::string_view bytes = input.bytes(sizeof number);
  std::memcpy(&number, bytes.data(), bytes.size());
  const Ticket ticket{number};
  std::string id = kIds.write(ticket, user);
  CHECK(id.size() == PublicIds::kTextBytes);
  CHECK(kIds.read(id, user) == ticket);
  CHECK(!kIds.read(id, user + "x"));
  // One character changed: another ticket, or a signature that is not its.
  const std::size_t at = input.below(PublicIds::kTextBytes);
  const auto c = static_cast<char>(input.byte());
  const std::string original = id;
  id[at] = c;
  const auto changed = kIds.read(id, user);
  CHECK(!changed || changed == ticket);
  return 0;
}
