#include "ledger/manifest_check.h"

#include <fmt/format.h>
#include <rocksdb/env.h>
#include <rocksdb/file_checksum.h>

#include <bit>
#include <cstddef>
#include <cstdint>
#include <fstream>
#include <string>
#include <string_view>
#include <utility>

namespace sluice {
namespace {

// No record crosses the border of a block; one that is larger is written in pieces with a header each.
constexpr std::size_t kBlockBytes = 32 << 10;
// Checksum (4) of type and piece, length of the piece (2), both the lower byte first, and type (1).
constexpr std::size_t kHeaderBytes = 7;
constexpr std::size_t kTypeAt = 6;

std::uint32_t little_endian(std::string_view bytes) {
  std::uint32_t number = 0;
  for (std::size_t i = bytes.size(); i-- > 0;) number = number << 8 | static_cast<unsigned char>(bytes[i]);
  return number;
}

// As the file has it: a checksum of bytes that contain their own checksums would be weak, so it is masked.
std::uint32_t masked_crc32c(std::string_view bytes) {
  const auto checksum = rocksdb::GetFileChecksumGenCrc32cFactory()->CreateFileChecksumGenerator({});
  checksum->Update(bytes.data(), bytes.size());
  checksum->Finalize();
  std::uint32_t crc = 0;
  for (const char byte : checksum->GetChecksum()) crc = crc << 8 | static_cast<unsigned char>(byte);
  return std::rotr(crc, 15) + 0xa282ead8U;
}

// How much of the block consists of whole records, from its beginning. What is too small for a header is filled with zeros.
std::size_t whole_bytes(std::string_view block) {
  std::size_t at = 0;
  while (block.size() - at >= kHeaderBytes) {
    const std::size_t end = at + kHeaderBytes + little_endian(block.substr(at + 4, 2));
    if (end > block.size()) return at;
    if (little_endian(block.substr(at, 4)) != masked_crc32c(block.substr(at + kTypeAt, end - at - kTypeAt))) return at;
    at = end;
  }
  return block.size() == kBlockBytes ? block.size() : at;
}

// While it lives, nobody opens the store.
class StoreLock {
 public:
  explicit StoreLock(const std::filesystem::path& store) {
    if (!rocksdb::Env::Default()->LockFile(store / "LOCK", &lock_).ok()) lock_ = nullptr;
  }
  ~StoreLock() {
    if (held()) rocksdb::Env::Default()->UnlockFile(lock_);
  }
  StoreLock(const StoreLock&) = delete;
  StoreLock& operator=(const StoreLock&) = delete;

  bool held() const { return lock_ != nullptr; }

 private:
  rocksdb::FileLock* lock_ = nullptr;
};

Result<void> check_content(const std::filesystem::path& store, const std::string& name, std::ifstream manifest) {
  std::string block(kBlockBytes, '\0');
  for (std::size_t begin = 0; manifest; begin += kBlockBytes) {
    manifest.read(block.data(), static_cast<std::streamsize>(kBlockBytes));
    const std::string_view read(block.data(), static_cast<std::size_t>(manifest.gcount()));
    if (const std::size_t whole = whole_bytes(read); whole < read.size()) {
      return Error::damaged(
          fmt::format("The store {} has a {} with a record at {} that is not whole", store.string(), name, begin + whole));
    }
  }
  return {};
}

}  // namespace

Result<void> check_manifest(const std::filesystem::path& store) {
  std::string name;
  std::getline(std::ifstream(store / "CURRENT"), name);
  std::ifstream manifest(store / name, std::ios::binary);
  if (!name.starts_with("MANIFEST-") || !manifest) return {};
  // Another process may be in the midst of a record.
  const StoreLock lock(store);
  return lock.held() ? check_content(store, name, std::move(manifest)) : Result<void>();
}

}  // namespace sluice
