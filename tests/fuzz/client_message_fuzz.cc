// What a client says to a broker in JSON.

#include "fuzz/message.h"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  felix::fuzz::check_message(felix::fuzz::input(data, size), felix::wire::parse_client_message);
  return 0;
}
