#include "bench/outcome_bytes.h"

#include <algorithm>
#include <cstring>
#include <string>
#include <type_traits>

namespace felix::bench {
namespace {

using telemetry::Histogram;
using Buckets = telemetry::HistogramBuckets;

class Packer {
 public:
  explicit Packer(std::vector<std::byte>& out) : out_(out) {}

  template <class Number>
    requires std::is_arithmetic_v<Number>
  void operator()(const Number& number) {
    const auto* at = reinterpret_cast<const std::byte*>(&number);
    out_.insert(out_.end(), at, at + sizeof number);
  }
  void operator()(const std::string& text) {
    (*this)(std::uint64_t{text.size()});
    const Bytes bytes = as_bytes(text);
    out_.insert(out_.end(), bytes.begin(), bytes.end());
  }
  void operator()(const std::optional<Error>& error) {
    (*this)(error.has_value());
    if (!error) return;
    (*this)(static_cast<std::uint8_t>(error->code));
    (*this)(error->context);
  }
  void operator()(const Histogram& histogram) {
    (*this)(histogram.count());
    (*this)(histogram.min());
    (*this)(histogram.max());
    std::uint64_t seen = 0;
    for (std::size_t i = 0; seen < histogram.count(); ++i) {
      const std::uint64_t up_to = histogram.count_up_to(Buckets::upper(i));
      if (up_to > seen) {
        (*this)(Buckets::upper(i));
        (*this)(up_to - seen);
      }
      seen = up_to;
    }
  }

 private:
  std::vector<std::byte>& out_;
};

class Unpacker {
 public:
  explicit Unpacker(Bytes& bytes) : bytes_(bytes) {}
  bool good() const { return good_; }

  template <class Number>
    requires std::is_arithmetic_v<Number>
  void operator()(Number& number) {
    good_ = good_ && bytes_.size() >= sizeof number;
    if (!good_) return;
    std::memcpy(&number, bytes_.data(), sizeof number);
    bytes_ = bytes_.subspan(sizeof number);
  }
  void operator()(std::string& text) {
    std::uint64_t size = 0;
    (*this)(size);
    good_ = good_ && bytes_.size() >= size;
    if (!good_) return;
    text = as_text(bytes_.first(size));
    bytes_ = bytes_.subspan(size);
  }
  void operator()(std::optional<Error>& error) {
    bool present = false;
    (*this)(present);
    if (!good_ || !present) return;
    std::uint8_t code = 0;
    std::string context;
    (*this)(code);
    (*this)(context);
    if (good_) error.emplace(static_cast<Errc>(code), std::move(context));
  }
  void operator()(Histogram& histogram) {
    std::uint64_t count = 0;
    std::uint64_t min = 0;
    std::uint64_t max = 0;
    (*this)(count);
    (*this)(min);
    (*this)(max);
    while (good_ && histogram.count() < count) {
      std::uint64_t value = 0;
      std::uint64_t times = 0;
      (*this)(value);
      (*this)(times);
      good_ = good_ && times > 0 && times <= count - histogram.count();
      if (!good_) return;
      // The least value stands for itself, so that it is exact again.
      if (histogram.count() == 0) {
        histogram.record(min);
        --times;
      }
      histogram.record(std::clamp(value, min, max), times);
    }
  }

 private:
  Bytes& bytes_;
  bool good_ = true;
};

template <class Visit, class Outcome>
void publisher_members(Visit& visit, Outcome& outcome) {
  visit(outcome.error);
  visit(outcome.cipher);
  visit(outcome.published);
  visit(outcome.acked);
  visit(outcome.failed);
  visit(outcome.first_failure);
  visit(outcome.last_sent_ns);
  visit(outcome.cpu_s);
  visit(outcome.ack_ns);
  visit(outcome.late_ns);
}

template <class Visit, class Outcome>
void subscriber_members(Visit& visit, Outcome& outcome) {
  visit(outcome.error);
  visit(outcome.received);
  visit(outcome.lost);
  visit(outcome.duplicated);
  visit(outcome.reordered);
  visit(outcome.dropped);
  visit(outcome.foreign);
  visit(outcome.last_received_ns);
  visit(outcome.cpu_s);
  visit(outcome.intended_ns);
  visit(outcome.sent_ns);
}

template <class Visit, class Outcome>
void request_members(Visit& visit, Outcome& outcome) {
  visit(outcome.error);
  visit(outcome.cipher);
  visit(outcome.failed);
  visit(outcome.first_failure);
  visit(outcome.last_ns);
  visit(outcome.cpu_s);
  visit(outcome.latency_ns);
}

}  // namespace

void append_outcome(std::vector<std::byte>& out, const PublisherOutcome& outcome) {
  Packer pack(out);
  publisher_members(pack, outcome);
}
void append_outcome(std::vector<std::byte>& out, const SubscriberOutcome& outcome) {
  Packer pack(out);
  subscriber_members(pack, outcome);
}

void append_outcome(std::vector<std::byte>& out, const RequestOutcome& outcome) {
  Packer pack(out);
  request_members(pack, outcome);
}

std::optional<PublisherOutcome> take_publisher_outcome(Bytes& bytes) {
  PublisherOutcome outcome;
  Unpacker unpack(bytes);
  publisher_members(unpack, outcome);
  return unpack.good() ? std::optional(std::move(outcome)) : std::nullopt;
}
std::optional<SubscriberOutcome> take_subscriber_outcome(Bytes& bytes) {
  SubscriberOutcome outcome;
  Unpacker unpack(bytes);
  subscriber_members(unpack, outcome);
  return unpack.good() ? std::optional(std::move(outcome)) : std::nullopt;
}
std::optional<RequestOutcome> take_request_outcome(Bytes& bytes) {
  RequestOutcome outcome;
  Unpacker unpack(bytes);
  request_members(unpack, outcome);
  return unpack.good() ? std::optional(std::move(outcome)) : std::nullopt;
}

}  // namespace felix::bench
