#include "client/pipeline.h"

#include <map>
#include <random>
#include <set>

#include <catch2/catch_test_macros.hpp>

#include "support/seed.h"

using namespace felix;
using namespace felix::client;

namespace {

using Book = Pipeline<int, int>;

struct Model {
  explicit Model(Book::Limits limits) : book(limits) {}

  void submit(int request, std::size_t bytes = 1, bool repeatable = false, MonoTime deadline = kNever,
              bool answered = true) {
    Book::Entry entry;
    entry.request = request;
    entry.bytes = bytes;
    entry.repeatable = repeatable;
    entry.deadline = deadline;
    entry.answered = answered;
    entry.callback = [this, request](Result<int> outcome) {
      CHECK(endings.emplace(request, outcome).second);  // exactly once
    };
    book.submit(std::move(entry));
  }
  void pump() {
    book.pump([this](RequestId id, int request) -> Result<Book::Handed> {
      handed.emplace_back(id, request);
      return Book::Handed::yes;
    });
  }

  Book book;
  std::vector<std::pair<RequestId, int>> handed;
  std::map<int, Result<int>> endings;
};

}  // namespace

TEST_CASE("Requests end when delivered, not when answered") {
  Model model({.bytes = 100, .frames = 10});
  model.submit(1);
  model.pump();
  CHECK(model.book.resolve(model.handed[0].first, 7) == Book::Match::resolved);
  CHECK(model.endings.empty());
  CHECK(model.book.pending() == 1);
  model.book.deliver();
  CHECK(model.endings.at(1) == 7);
  CHECK(model.book.pending() == 0);
}

TEST_CASE("An answer to nobody is told from one that comes late or twice") {
  Model model({.bytes = 100, .frames = 10});
  model.submit(1);
  model.pump();
  CHECK(model.book.resolve(RequestId{0}, 0) == Book::Match::never_asked);
  CHECK(model.book.resolve(RequestId{2}, 0) == Book::Match::never_asked);
  CHECK(model.book.resolve(RequestId{1}, 0) == Book::Match::resolved);
  CHECK(model.book.resolve(RequestId{1}, 0) == Book::Match::late);
}

TEST_CASE("What exceeds the budget waits, and what exceeds all of it goes alone", "[L-33]") {
  Model model({.bytes = 10, .frames = 3});
  for (const std::size_t bytes : {4u, 4u, 4u, 50u, 1u}) model.submit(static_cast<int>(bytes), bytes);
  model.pump();
  CHECK(model.handed.size() == 2);
  CHECK_FALSE(model.book.wants_more());
  model.book.resolve(RequestId{1}, 0);
  model.pump();
  CHECK(model.handed.size() == 3);
  model.book.resolve(RequestId{2}, 0);
  model.pump();
  CHECK(model.handed.size() == 3);
  model.book.resolve(RequestId{3}, 0);
  model.pump();
  CHECK(model.handed.size() == 4);  // the 50 alone
  model.book.resolve(RequestId{4}, 0);
  model.pump();
  CHECK(model.handed.size() == 5);
  CHECK(model.book.wants_more());
}

TEST_CASE("The broker's window lowers the number in flight") {
  Model model({.bytes = 100, .frames = 10});
  model.book.set_window(2);
  for (int i = 0; i < 5; ++i) model.submit(i);
  model.pump();
  CHECK(model.handed.size() == 2);
}

TEST_CASE("Requests without an answer do not count against the broker's window") {
  Model model({.bytes = 100, .frames = 10});
  model.book.set_window(2);
  for (int i = 1; i <= 6; ++i) model.submit(i, 1, false, kNever, i % 2 == 0);
  model.pump();
  // 2 and 4 are owed an answer; 5 is not, and 6 waits for one of them.
  CHECK(model.handed.size() == 5);
  model.book.resolve(model.handed[1].first, 0);
  model.pump();
  CHECK(model.handed.size() == 6);
}

TEST_CASE("A refusal that names nobody ends the oldest only while answers come in order") {
  Model model({.bytes = 100, .frames = 10});
  for (int i = 1; i <= 4; ++i) model.submit(i);
  model.pump();
  CHECK(model.book.refuse_oldest(Error{Errc::not_found, "x"}));
  model.book.resolve(RequestId{2}, 0);
  model.book.resolve(RequestId{4}, 0);
  CHECK_FALSE(model.book.refuse_oldest(Error{Errc::not_found, "x"}));
  model.book.deliver();
  CHECK(model.endings.at(1).error().code == Errc::not_found);
  CHECK_FALSE(model.endings.contains(3));
}

TEST_CASE("After a loss the repeatable come first again, in their order, and the others are unknown") {
  Model model({.bytes = 100, .frames = 4});
  for (int i = 1; i <= 6; ++i) model.submit(i, 1, i % 2 == 0);
  model.pump();
  model.book.on_lost(Error{Errc::connection_lost, "gone"});
  model.handed.clear();
  model.pump();
  model.book.deliver();
  CHECK(model.endings.size() == 2);
  CHECK(model.endings.at(1).error().code == Errc::outcome_unknown);
  CHECK(model.endings.at(3).error().code == Errc::outcome_unknown);
  std::vector<int> again;
  for (const auto& [id, request] : model.handed) again.push_back(request);
  CHECK(again == std::vector{2, 4, 5, 6});
}

TEST_CASE("A deadline covers waiting and flight, and says which it was", "[L-22]") {
  Model model({.bytes = 100, .frames = 1});
  const MonoTime soon{std::chrono::seconds(5)};
  model.submit(1, 1, true, soon);
  model.submit(2, 1, true, soon);
  model.submit(3, 1, true, soon + Duration(1));
  model.pump();
  CHECK(model.book.next_deadline() == soon);
  model.book.expire(soon);
  model.book.deliver();
  CHECK(model.endings.at(1).error().code == Errc::outcome_unknown);
  CHECK(model.endings.at(2).error().code == Errc::timed_out);
  CHECK(model.endings.size() == 2);
  CHECK(model.book.next_deadline() == soon + Duration(1));
}

TEST_CASE("Whatever happens in whatever order, each request ends once and the budget is never passed") {
  const std::uint64_t seed = felix::test::seed();
  CAPTURE(seed);
  std::mt19937_64 random(seed);
  for (int round = 0; round < 50; ++round) {
    Model model({.bytes = 64, .frames = 8});
    std::map<std::uint64_t, std::size_t> flying;  // id -> bytes
    std::map<int, std::size_t> sizes;
    std::map<int, int> times_handed;
    std::set<int> repeatable;
    int next = 0;
    MonoTime now{};
    const auto pump = [&] {
      model.book.pump([&](RequestId id, int request) -> Result<Book::Handed> {
        if (random() % 8 == 0) return Book::Handed::no_room;
        if (random() % 16 == 0) return fail(Errc::too_large, "x");
        std::size_t bytes = sizes[request];
        const bool alone = flying.empty();
        for (const auto& [other, size] : flying) bytes += size;
        CHECK((alone || (bytes <= 64 && flying.size() < 8)));
        CHECK((++times_handed[request] == 1 || repeatable.contains(request)));
        flying[id.value] = sizes[request];
        return Book::Handed::yes;
      });
    };
    for (int step = 0; step < 300; ++step) {
      switch (random() % 8) {
        case 0:
        case 1:
        case 2: {
          const int request = next++;
          sizes[request] = random() % 80;
          const bool again = random() % 2 == 0;
          if (again) repeatable.insert(request);
          model.submit(request, sizes[request], again, now + Duration(random() % 100));
          break;
        }
        case 3:
        case 4:
          if (!flying.empty()) {
            auto at = flying.begin();
            std::advance(at, static_cast<std::ptrdiff_t>(random() % flying.size()));
            model.book.resolve(RequestId{at->first}, 1);
            flying.erase(at);
          }
          break;
        case 5:
          if (random() % 8 == 0) {
            model.book.on_lost(Error{Errc::connection_lost, "gone"});
            flying.clear();
          }
          break;
        case 6:
          now += Duration(random() % 10);
          model.book.expire(now);
          // What has expired is no longer in flight.
          std::erase_if(flying, [&](const auto& item) {
            return model.book.resolve(RequestId{item.first}, 1) != Book::Match::never_asked;
          });
          break;
        default:
          pump();
      }
      if (random() % 4 == 0) model.book.deliver();
    }
    model.book.on_lost(Error{Errc::connection_lost, "gone"});
    model.book.refuse_waiting(Error{Errc::interrupted, "end"});
    model.book.deliver();
    CHECK(model.endings.size() == static_cast<std::size_t>(next));
    CHECK(model.book.pending() == 0);
    CHECK(model.book.wants_more());
  }
}
