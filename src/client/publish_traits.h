#pragma once
// Publishing as RequestLane wants it: requests to bytes, answers to outcomes (wire protocol sections 6.2, 7.1
// to 7.3 and 8.1).

#include <cstddef>
#include <string>
#include <vector>

#include "base/error.h"
#include "client/publish.h"
#include "client/request_lane.h"

namespace felix::client {

struct PublishTraits {
  using Request = PublishRequest;
  using Outcome = PublishOutcome;
  static constexpr bool kPublishes = true;

  std::string tenant;
  std::string namespace_id{};  // for requests that name none
  std::vector<std::byte> scratch{};

  static bool answered(const PublishRequest& request) { return request.ack != AckMode::none; }
  // Binary where the broker advertised the bits, JSON otherwise. usage: a name that is not UTF-8; too_large:
  // a name or key over 65535 bytes.
  Result<EncodedRequest> encode(const PublishRequest& request, RequestId id, const Agreement& agreement);
  static Result<Answer<PublishOutcome>> parse(const wire::IncomingFrame& frame);
};

// Size on the wire, near enough for budgets.
std::size_t footprint_bytes(const PublishRequest& request);

}  // namespace felix::client
