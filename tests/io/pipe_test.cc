#include <array>
#include <fcntl.h>
#include <signal.h>
#include <string>
#include <sys/socket.h>
#include <unistd.h>

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include "io/file.h"
#include "io/pipe_reader.h"
#include "io/pipe_writer.h"
#include "support/temporary_directory.h"

using namespace felix;
using io::PipeReader;
using io::PipeWriter;

namespace {

// Both ends block, as a shell's do.
struct Pipe {
  Pipe() { REQUIRE(pipe2(ends.data(), O_CLOEXEC) == 0); }
  ~Pipe() {
    for (const std::size_t i : {0u, 1u}) shut(i);
  }
  void shut(std::size_t end) {
    if (ends[end] >= 0) close(ends[end]);
    ends[end] = -1;
  }
  std::array<int, 2> ends{};
};

struct Fixture {
  io::SystemClock clock;
  std::unique_ptr<io::Loop> loop = io::Loop::create(clock).value();
  Fixture() { signal(SIGPIPE, SIG_IGN); }
  ~Fixture() { signal(SIGPIPE, SIG_DFL); }
  template <class Done>
  bool until(Done&& done) {
    return loop->run_until(done, clock.now() + std::chrono::seconds(20));
  }
};

std::string noise(std::size_t size) {
  std::string text(size, '\0');
  for (std::size_t i = 0; i < size; ++i) text[i] = static_cast<char>(i * 7 + i / 253);
  return text;
}

}  // namespace

TEST_CASE("What a writer queues, a reader of the same loop gets, byte for byte and in constant memory") {
  Fixture f;
  Pipe pipe;
  const std::string data = noise(3'000'000);
  std::size_t written = 0;
  std::string got;
  std::optional<Status> end;
  std::size_t largest_queue = 0;
  PipeWriter* writer = nullptr;
  const auto feed = [&] {
    while (written < data.size() && writer->has_room()) {
      const std::size_t size = std::min<std::size_t>(1000, data.size() - written);
      writer->write(as_bytes(std::string_view(data).substr(written, size)));
      written += size;
      largest_queue = std::max(largest_queue, writer->queued_bytes());
    }
    if (written == data.size() && writer->queued_bytes() == 0) pipe.shut(1);
  };
  {
    std::optional<PipeWriter> owner;
    writer = &owner.emplace(*f.loop, pipe.ends[1], 100'000, [&] {
      if (written < data.size()) feed();
    });
    PipeReader reader(
        *f.loop, pipe.ends[0], 4000, [&](Bytes chunk) { got += as_text(chunk); },
        [&](Status status) { end = std::move(status); });
    feed();
    REQUIRE(f.until([&] { return got.size() == data.size(); }));
    CHECK(writer->queued_bytes() == 0);
    CHECK(writer->state() == PipeWriter::State::open);
    owner.reset();
    pipe.shut(1);
    REQUIRE(f.until([&] { return end.has_value(); }));
    CHECK(end->has_value());
    CHECK(reader.ended());
  }
  CHECK(got == data);
  CHECK(largest_queue <= 101'000);
}

TEST_CASE("Files are read and written a piece each turn, since they cannot be watched") {
  Fixture f;
  const test::TemporaryDirectory directory;
  const std::string data = noise(500'000);
  const std::string from = directory.path() + "/from";
  const std::string to = directory.path() + "/to";
  REQUIRE(io::write_file_atomically(from, as_bytes(data), 0600));
  const int in = open(from.c_str(), O_RDONLY | O_CLOEXEC);
  const int out = open(to.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
  {
    bool ended = false;
    PipeWriter writer(*f.loop, out, 100'000, [] {});
    PipeReader reader(
        *f.loop, in, 4096, [&](Bytes chunk) { writer.write(chunk); },
        [&](Status status) { ended = status.has_value(); });
    REQUIRE(f.until([&] { return ended && writer.queued_bytes() == 0; }));
  }
  close(in);
  close(out);
  CHECK(io::read_file(to, data.size()) == data);
}

TEST_CASE("A paused reader reads nothing, and goes on where it stopped") {
  Fixture f;
  const bool file = GENERATE(false, true);
  Pipe pipe;
  const test::TemporaryDirectory directory;
  const std::string path = directory.path() + "/f";
  REQUIRE(io::write_file_atomically(path, as_bytes("abcdef"), 0600));
  if (file) {
    pipe.shut(0);
    pipe.ends[0] = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  } else {
    REQUIRE(write(pipe.ends[1], "abcdef", 6) == 6);
    pipe.shut(1);
  }
  std::string got;
  bool ended = false;
  std::optional<PipeReader> reader;
  reader.emplace(
      *f.loop, pipe.ends[0], 2,
      [&](Bytes chunk) {
        got += as_text(chunk);
        reader->pause();
      },
      [&](Status) { ended = true; });
  for (const std::string_view expected : {"ab", "abcd", "abcdef"}) {
    for (int turn = 0; turn < 3; ++turn) f.loop->turn(f.clock.now());
    CHECK(got == expected);
    CHECK(reader->paused());
    reader->resume();
  }
  REQUIRE(f.until([&] { return ended; }));
  reader.reset();
}

TEST_CASE("A reader that went away is an outcome, noticed even while nothing is written") {
  Fixture f;
  const bool writing = GENERATE(true, false);
  Pipe pipe;
  int changes = 0;
  PipeWriter writer(*f.loop, pipe.ends[1], 1000, [&] { ++changes; });
  pipe.shut(0);
  if (writing) writer.write(as_bytes("x"));
  REQUIRE(f.until([&] { return changes > 0; }));
  CHECK(writer.state() == PipeWriter::State::reader_gone);
  writer.write(as_bytes("ignored"));
  CHECK(writer.queued_bytes() == 0);
  for (int turn = 0; turn < 3; ++turn) f.loop->turn(f.clock.now());
  CHECK(changes == 1);
}

TEST_CASE("A slow reader stops neither the loop nor a descriptor that blocks") {
  Fixture f;
  Pipe pipe;
  // Partly full already, so that a block as large as the pipe would make this thread wait.
  REQUIRE(write(pipe.ends[1], noise(5000).data(), 5000) == 5000);
  int changes = 0;
  PipeWriter writer(*f.loop, pipe.ends[1], 1000, [&] { ++changes; });
  writer.write(as_bytes(noise(400'000)));  // more than a pipe holds
  CHECK_FALSE(writer.has_room());
  for (int turn = 0; turn < 20; ++turn) f.loop->turn(f.clock.now());
  const std::size_t stuck = writer.queued_bytes();
  CHECK(stuck > 0);
  CHECK(stuck < 400'000);
  CHECK(changes == 0);
  CHECK((fcntl(pipe.ends[1], F_GETFL) & O_NONBLOCK) ==
        0);  // the descriptor is shared: its flags are not ours
}

TEST_CASE("A full device is a failure that says so") {
  Fixture f;
  const int full = open("/dev/full", O_WRONLY | O_CLOEXEC);
  if (full < 0) SKIP("this system has no /dev/full");
  {
    PipeWriter writer(*f.loop, full, 1000, [] {});
    writer.write(as_bytes("x"));
    REQUIRE(f.until([&] { return writer.state() != PipeWriter::State::open; }));
    CHECK(writer.state() == PipeWriter::State::failed);
    CHECK(writer.error().code == Errc::storage);
    CHECK(writer.error().context.find("No space left") != std::string::npos);
  }
  close(full);
}

TEST_CASE("Reading a directory ends with the reason") {
  Fixture f;
  const int directory = open("/", O_RDONLY | O_CLOEXEC);
  {
    std::optional<Status> end;
    PipeReader reader(*f.loop, directory, 100, [](Bytes) {}, [&](Status status) { end = std::move(status); });
    REQUIRE(f.until([&] { return end.has_value(); }));
    REQUIRE_FALSE(end->has_value());
    CHECK(end->error().context.find("Is a directory") != std::string::npos);
  }
  close(directory);
}
