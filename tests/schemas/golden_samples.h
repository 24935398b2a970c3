// Shell: reads the golden samples of the messages from schemas/golden.
#pragma once

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include <memory>
#include <string>
#include <vector>

namespace sluice {

// The files that define what crosses a process boundary through Kafka.
std::vector<const google::protobuf::FileDescriptor*> message_files();

// The names of the samples, "intent_pay", "record_paid" and so on, in order.
std::vector<std::string> golden_samples();

// The message that the sample's .textproto describes: an Intent, an OrderRecord or a DeadLetter, by its name.
std::unique_ptr<google::protobuf::Message> golden_message(const std::string& sample);

// An empty message of the same kind.
std::unique_ptr<google::protobuf::Message> empty_like(const std::string& sample);

// The bytes that its .hex holds.
std::string golden_bytes(const std::string& sample);

// The content of schemas/golden/`name`.
std::string golden_file(const std::string& name);

std::string to_hex(const std::string& bytes);

}  // namespace sluice
