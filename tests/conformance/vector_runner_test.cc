#include "conformance/vector_runner.h"

#include <filesystem>
#include <fstream>

#include <catch2/catch_test_macros.hpp>

namespace felix::conformance {
namespace {

VectorFile original(std::string body) { return {"case.json", "{\"name\":\"one\"," + std::move(body) + "}"}; }

CaseResult only_case(const VectorFile& file) {
  const auto report = run_vectors({file}, "test");
  REQUIRE(report.has_value());
  REQUIRE(report->cases.size() == 1);
  return report->cases[0];
}

std::string refusal(const VectorFile& file) {
  const auto report = run_vectors({file}, "test");
  REQUIRE_FALSE(report.has_value());
  REQUIRE(exit_code(report.error()) == ExitCode::data_invalid);
  return report.error().context;
}

// The embedded text of `file` with `from` replaced once by `to`.
VectorFile altered(const std::string& name, const std::string& from, const std::string& to) {
  for (VectorFile file : embedded_vectors()) {
    if (file.name != name) continue;
    const std::size_t at = file.text.find(from);
    REQUIRE(at != std::string::npos);
    file.text.replace(at, from.size(), to);
    return file;
  }
  FAIL("no such vector file: " << name);
  return {};
}

// A directory that is gone with the test.
struct Directory {
  std::filesystem::path path = std::filesystem::temp_directory_path() /
                               ("felix-vectors-" + std::to_string(reinterpret_cast<std::uintptr_t>(this)));
  Directory() { std::filesystem::create_directory(path); }
  ~Directory() { std::filesystem::remove_all(path); }
  void write(const std::string& name, const std::string& text) const { std::ofstream(path / name) << text; }
};

constexpr const char* kOkFrame = "464c5831000100000000000d7b2274797065223a226f6b227d";
constexpr const char* kOkPayload = "7b2274797065223a226f6b227d";

}  // namespace

TEST_CASE("every embedded vector passes, and there are enough of them") {
  const auto report = run_vectors(embedded_vectors(), "vectors");
  REQUIRE(report.has_value());
  INFO(format_table(*report));
  CHECK(report->count(Outcome::fail) == 0);
  CHECK(report->count(Outcome::skip) == 0);
  CHECK(report->count(Outcome::pass) >= 80);
  CHECK(report->exit_code() == ExitCode::done);
}

TEST_CASE("a vector that expects other bytes, another value or another refusal fails") {
  const VectorFile files[] = {
      altered("publish_ack.json", "\"request_id\": 7", "\"request_id\": 8"),
      altered("publish_batch.json", "\"61\", \"6263\"", "\"61\", \"6264\""),
      altered("event_batch.json", "\"base_offset\": 5", "\"base_offset\": 6"),
      altered("json_session.json", "\"client_flags\": 63", "\"client_flags\": 62"),
      altered("json_lenient.json", "\"reencoded_hex\": \"464c", "\"reencoded_hex\": \"464d"),
      altered("reject_flags.json", "error:unsupported frame flags", "teardown"),
      altered("reject_header.json", "\"at\": \"header\"", "\"at\": \"payload\""),
      altered("reject_payload.json", "\"request_id\": 7", "\"request_id\": 6"),
      altered("json_unknown.json", "\"known\": true", "\"known\": false"),
      altered("incomplete.json", "\"at\": \"boundary\"", "\"at\": \"header\""),
      altered("routing.json", "\"modulo\": [0", "\"modulo\": [1"),
  };
  for (const VectorFile& file : files) {
    INFO(file.name);
    const auto report = run_vectors({file}, "test");
    REQUIRE(report.has_value());
    CHECK(report->count(Outcome::fail) == 1);
    CHECK(report->exit_code() == ExitCode::failed);
  }
}

TEST_CASE("the original's format: a JSON message") {
  const std::string frame =
      std::string("\"payload_hex\":\"") + kOkPayload + "\",\"frame_hex\":\"" + kOkFrame + "\"";
  CHECK(only_case(original("\"payload_json\":{\"type\":\"ok\"}," + frame)).outcome == Outcome::pass);
  CHECK(
      only_case(original("\"kind\":\"json_message\",\"payload_json\":{\"type\":\"ok\"}," + frame)).outcome ==
      Outcome::pass);
  CHECK(only_case(original("\"payload_json\":{\"type\":\"no\"}," + frame)).outcome == Outcome::fail);
  CHECK(
      only_case(original(std::string(
                             "\"payload_json\":{\"type\":\"ok\"},\"payload_hex\":\"7b7d\",\"frame_hex\":\"") +
                         kOkFrame + "\""))
          .outcome == Outcome::fail);
}

TEST_CASE("the original's format: members of payload_json in any order") {
  const auto result = only_case(original(
      R"("payload_json":{"request_id":7,"type":"publish_ok"},"frame_hex":"464c583100010000000000247b2274797065223a227075626c6973685f6f6b222c22726571756573745f6964223a377d")"));
  INFO(result.reason);
  CHECK(result.outcome == Outcome::pass);
}

TEST_CASE("the original's format: a message served by other brokers only is skipped, not passed") {
  const auto result = only_case(original(
      R"("payload_json":{"type":"topology"},"frame_hex":"464c583100010000000000137b2274797065223a22746f706f6c6f6779227d")"));
  CHECK(result.outcome == Outcome::skip);
}

TEST_CASE("the original's format: an acked publish batch") {
  const std::string frame =
      R"("payload_hex":"00000000000000070200027431000764656661756c74000464656d6f000000010000000568656c6c6f","frame_hex":"464c5831000100090000002900000000000000070200027431000764656661756c74000464656d6f000000010000000568656c6c6f")";
  const std::string head =
      R"("kind":"binary_acked_publish_batch","flags":9,"request_id":7,"tenant_id":"t1","namespace":"default","stream":"demo",)";
  CHECK(only_case(original(head + R"("ack_mode":"per_batch","payloads_utf8":["hello"],)" + frame)).outcome ==
        Outcome::pass);
  CHECK(
      only_case(original(head + R"("ack_mode":"per_message","payloads_utf8":["hello"],)" + frame)).outcome ==
      Outcome::fail);
  CHECK(only_case(original(head + R"("ack_mode":"per_batch","payloads_utf8":["hallo"],)" + frame)).outcome ==
        Outcome::fail);
}

TEST_CASE("the original's format: a publish ack") {
  const std::string frame =
      R"("kind":"binary_publish_ack","flags":16,"request_id":7,"frame_hex":"464c5831000100100000000b0000000000000000070000")";
  CHECK(only_case(original(R"("status":"ok","message":null,)" + frame)).outcome == Outcome::pass);
  CHECK(only_case(original(R"("status":0,"message":"",)" + frame)).outcome == Outcome::pass);
  CHECK(only_case(original(R"("status":"error",)" + frame)).outcome == Outcome::fail);
}

TEST_CASE("what is no vector file is an error that names the file and the case") {
  CHECK(refusal({"a.json", "{"}).starts_with("a.json: JSON"));
  CHECK(refusal({"a.json", "[]"}) == "a.json: not a JSON object");
  CHECK(refusal({"a.json", "{}"}) == "a.json: member `name` is missing");
  CHECK(refusal({"a.json", R"({"name":"n"})"}) == "a.json: n: member `frame_hex` is missing");
  CHECK(refusal({"a.json", R"({"name":"n","frame_hex":"AB"})"}) ==
        "a.json: n: member `frame_hex` is not lowercase hexadecimal");
  CHECK(refusal({"a.json", R"({"name":"n","kind":"x","frame_hex":""})"}).find("which no vector has") !=
        std::string::npos);
  CHECK(refusal({"a.json", R"({"cases":[{"name":"n","receiver":"nobody","frame_hex":""}]})"}) ==
        "a.json: n: member `receiver` is neither broker nor client");
}

TEST_CASE("a directory of vectors is read in the order of its names") {
  const Directory directory;
  directory.write("b.json", std::string(R"({"name":"second","payload_json":{"type":"ok"},"frame_hex":")") +
                                kOkFrame + "\"}");
  directory.write("a.json", std::string(R"({"name":"first","payload_json":{"type":"ok"},"frame_hex":")") +
                                kOkFrame + "\"}");
  directory.write("notes.txt", "not a vector");
  const auto files = read_vectors(directory.path.string());
  REQUIRE(files.has_value());
  const auto report = run_vectors(*files, "directory");
  REQUIRE(report.has_value());
  REQUIRE(report->cases.size() == 2);
  CHECK(report->cases[0].suite == "a");
  CHECK(report->cases[0].name == "first");
  CHECK(report->count(Outcome::pass) == 2);
}

TEST_CASE("a directory that is not there or empty is an error that names it") {
  const auto missing = read_vectors("/nonexistent/vectors");
  REQUIRE_FALSE(missing.has_value());
  CHECK(missing.error().context.starts_with("/nonexistent/vectors: "));
  CHECK(exit_code(missing.error()) == ExitCode::data_invalid);
  const Directory directory;
  const auto empty = read_vectors(directory.path.string());
  REQUIRE_FALSE(empty.has_value());
  CHECK(empty.error().context == directory.path.string() + ": holds no .json file");
}

}  // namespace felix::conformance
