// Pure: Result<T>, what an operation returns that can fail for reasons outside the program.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <variant>

#include "runtime/check.h"

namespace sluice {

struct Error {
  enum class Kind {
    kRetryable,  // the same call may succeed later
    kFatal,      // it will not, until a person or a restart changes something
    kFenced,     // somebody else owns what the caller acted on
    kDamaged,    // what the caller keeps for itself is of no use: set it aside and make it anew
  };
  Kind kind;
  std::string message;  // what, where and what to do

  static Error retryable(std::string message) { return {Kind::kRetryable, std::move(message)}; }
  static Error fatal(std::string message) { return {Kind::kFatal, std::move(message)}; }
  static Error fenced(std::string message) { return {Kind::kFenced, std::move(message)}; }
  static Error damaged(std::string message) { return {Kind::kDamaged, std::move(message)}; }
};

template <typename T>
class [[nodiscard]] Result {
 public:
  Result(T value) : state_(std::move(value)) {}      // NOLINT(google-explicit-constructor)
  Result(Error error) : state_(std::move(error)) {}  // NOLINT(google-explicit-constructor)

  bool ok() const { return std::holds_alternative<T>(state_); }
  explicit operator bool() const { return ok(); }

  // REQUIRES: ok()
  T& value() & {
    CHECK(ok());
    return std::get<T>(state_);
  }
  const T& value() const& {
    CHECK(ok());
    return std::get<T>(state_);
  }
  T&& value() && {
    CHECK(ok());
    return std::get<T>(std::move(state_));
  }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }

  // REQUIRES: !ok()
  const Error& error() const {
    CHECK(!ok());
    return std::get<Error>(state_);
  }

 private:
  std::variant<T, Error> state_;
};

template <>
class [[nodiscard]] Result<void> {
 public:
  Result() = default;
  Result(Error error) : error_(std::move(error)) {}  // NOLINT(google-explicit-constructor)

  bool ok() const { return !error_.has_value(); }
  explicit operator bool() const { return ok(); }

  // REQUIRES: !ok()
  const Error& error() const {
    CHECK(!ok());
    return *error_;
  }

 private:
  std::optional<Error> error_;
};

}  // namespace sluice
