// Pure: refuses topics whose settings would break what the program promises, with the command that sets them right.
#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>

#include "schemas/topics.h"

namespace sluice::kafka {

// What is wrong with a topic that has these settings, or nothing. Only the requirements that name `topic` are looked at.
std::optional<std::string> problem_with_settings(const std::string& topic, const std::map<std::string, std::string>& settings,
                                                 std::span<const TopicSetting> required);

// The required settings of one topic, to create it with.
std::map<std::string, std::string> settings_to_create(const std::string& topic, std::span<const TopicSetting> required);

}  // namespace sluice::kafka
