// Pure: puts messages together from parts that are serialised already: an embedded message and its bytes look the same on the
// wire (https://protobuf.dev/programming-guides/encoding/#submessages). Saves copying a part into a message only to serialise
// it again.
#pragma once

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/wire_format_lite.h>

#include <array>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace sluice::wire {

using google::protobuf::io::CodedOutputStream;
using Format = google::protobuf::internal::WireFormatLite;

inline constexpr std::size_t kVarintBytesMax = 10;

inline void append_varint(std::string& out, std::uint64_t value) {
  std::array<std::uint8_t, kVarintBytesMax> bytes;
  const std::uint8_t* end = CodedOutputStream::WriteVarint64ToArray(value, bytes.data());
  out.append(reinterpret_cast<const char*>(bytes.data()), static_cast<std::size_t>(end - bytes.data()));
}

// A field of type string, bytes or message.
inline void append_bytes_field(std::string& out, int field, std::string_view bytes) {
  append_varint(out, Format::MakeTag(field, Format::WIRETYPE_LENGTH_DELIMITED));
  append_varint(out, bytes.size());
  out.append(bytes);
}

// Of type uint32, uint64 or non-negative int64. As in proto3, 0 is not written.
inline void append_varint_field(std::string& out, int field, std::uint64_t value) {
  if (value == 0) return;
  append_varint(out, Format::MakeTag(field, Format::WIRETYPE_VARINT));
  append_varint(out, value);
}

// Of type fixed64. As in proto3, 0 is not written.
inline void append_fixed64_field(std::string& out, int field, std::uint64_t value) {
  if (value == 0) return;
  append_varint(out, Format::MakeTag(field, Format::WIRETYPE_FIXED64));
  std::array<std::uint8_t, sizeof value> bytes;
  CodedOutputStream::WriteLittleEndian64ToArray(value, bytes.data());
  out.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
}

// Writes fields one after another into memory that has room for them, which the caller sees to. For what is written once for
// every intent.
class Cursor {
 public:
  explicit Cursor(char* begin) : at_(begin) {}

  char* at() const { return at_; }

  void raw(std::string_view bytes) {
    if (bytes.empty()) return;  // a null pointer, perhaps, which memcpy may not be given
    std::memcpy(at_, bytes.data(), bytes.size());
    at_ += bytes.size();
  }

  void number(std::uint64_t value) {
    at_ = reinterpret_cast<char*>(CodedOutputStream::WriteVarint64ToArray(value, reinterpret_cast<std::uint8_t*>(at_)));
  }

  // Of type string, bytes or message. As in proto3, an empty string is not written; `text` never writes one.
  void text(int field, std::string_view bytes) {
    if (!bytes.empty()) message(field, bytes);
  }

  void message(int field, std::string_view bytes) {
    number(Format::MakeTag(field, Format::WIRETYPE_LENGTH_DELIMITED));
    number(bytes.size());
    raw(bytes);
  }

  // Of type uint32, uint64, enum, bool or int64 (a negative one takes ten bytes). 0 is not written.
  void varint(int field, std::uint64_t value) {
    if (value == 0) return;
    number(Format::MakeTag(field, Format::WIRETYPE_VARINT));
    number(value);
  }

  // Of type fixed64. 0 is not written.
  void fixed64(int field, std::uint64_t value) {
    if (value == 0) return;
    number(Format::MakeTag(field, Format::WIRETYPE_FIXED64));
    CodedOutputStream::WriteLittleEndian64ToArray(value, reinterpret_cast<std::uint8_t*>(at_));
    at_ += sizeof value;
  }

 private:
  char* at_;
};

}  // namespace sluice::wire
