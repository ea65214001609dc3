#include "base/bytes.h"

#include <catch2/catch_test_macros.hpp>

#include "base/hex.h"

using namespace felix;

TEST_CASE("integers are written big-endian and read back") {
  std::vector<std::byte> out;
  ByteWriter writer(out);
  writer.u8(0x01);
  writer.u16(0x0203);
  writer.u32(0x04050607);
  writer.u64(0x08090a0b0c0d0e0f);
  writer.text("hi");
  CHECK(encode_hex(out) == "0102030405060708090a0b0c0d0e0f6869");
  ByteReader reader(out);
  CHECK(reader.u8() == 0x01);
  CHECK(reader.u16() == 0x0203);
  CHECK(reader.u32() == 0x04050607);
  CHECK(reader.u64() == 0x08090a0b0c0d0e0f);
  CHECK(as_text(reader.rest()) == "hi");
  CHECK(reader.ok());
  CHECK(reader.at_end());
}

TEST_CASE("a short read fails once and for all") {
  ByteReader reader(as_bytes("abc"));
  CHECK(reader.u32() == 0);
  CHECK_FALSE(reader.ok());
  CHECK(reader.u8() == 0);
  CHECK(reader.take(1).empty());
  CHECK(reader.remaining() == 3);
}

TEST_CASE("a count near the top of its type does not wrap around") {
  ByteReader reader(as_bytes("abc"));
  reader.u8();
  CHECK(reader.take(SIZE_MAX).empty());
  CHECK_FALSE(reader.ok());
}

TEST_CASE("taking nothing at the end is fine") {
  ByteReader reader(as_bytes(""));
  CHECK(reader.take(0).empty());
  CHECK(reader.ok());
}
