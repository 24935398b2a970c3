// Pure: puts messages together from parts that are serialised already: an embedded message and its bytes look the same on the
// wire (https://protobuf.dev/programming-guides/encoding/#submessages). Saves copying a part into a message only to serialise
// it again.
#pragma once

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/wire_format_lite.h>

#include <array>
#include <cstdint>
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

}  // namespace sluice::wire
