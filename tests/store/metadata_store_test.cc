#include "store/metadata_store.h"

#include <csignal>
#include <random>
#include <sys/resource.h>

#include <catch2/catch_test_macros.hpp>

#include "metadata/snapshot.h"
#include "support/seed.h"
#include "support/temporary_directory.h"

namespace felix::store {
namespace {

using felix::test::TemporaryDirectory;

void create_namespace(MetadataStore& store) {
  REQUIRE(store.apply(metadata::CreateTenant{"t1", "One"}).has_value());
  REQUIRE(store.apply(metadata::CreateNamespace{"t1", "default", ""}).has_value());
}

TEST_CASE("what was applied is there after reopening, with its incarnation") {
  const TemporaryDirectory directory;
  metadata::State before;
  {
    auto store = MetadataStore::open(directory.path()).value();
    CHECK(store.state().version() == 0);
    create_namespace(store);
    REQUIRE(store.apply(metadata::CreateStream{"t1", "default", "orders", {}}).has_value());
    REQUIRE(store.apply(metadata::CreateCache{"t1", "default", "sessions", {}}).has_value());
    REQUIRE(store.apply(metadata::DeleteStream{"t1", "default", "orders"}).has_value());
    REQUIRE(store.apply(metadata::CreateStream{"t1", "default", "orders", {}}).has_value());
    before = store.state();
  }
  const auto store = MetadataStore::open(directory.path()).value();
  CHECK(store.state() == before);
  CHECK(store.state().find_stream("t1", "default", "orders")->incarnation ==
        before.find_stream("t1", "default", "orders")->incarnation);
}

TEST_CASE("a refused command and a repeated one write nothing") {
  auto store = MetadataStore::open_in_memory().value();
  create_namespace(store);
  const auto version = store.state().version();
  CHECK(store.apply(metadata::CreateStream{"t1", "nowhere", "orders", {}}).error().code == Errc::not_found);
  CHECK(store.apply(metadata::CreateTenant{"t1", "One"}).value().changes.empty());
  CHECK(store.state().version() == version);
}

TEST_CASE("any history reopens to the state it left, across foldings into a snapshot") {
  CAPTURE(test::seed());
  std::mt19937_64 random(test::seed());
  const TemporaryDirectory directory;
  metadata::State model;
  for (int opening = 0; opening < 3; ++opening) {
    auto store = MetadataStore::open(directory.path()).value();
    REQUIRE(store.state() == model);
    (void)store.apply(metadata::CreateTenant{"t1", ""});
    (void)store.apply(metadata::CreateNamespace{"t1", "default", ""});
    for (int step = 0; step < 400; ++step) {
      const std::string name = "s" + std::to_string(random() % 20);
      if (random() % 2 == 0) {
        (void)store.apply(metadata::CreateStream{"t1", "default", name, {}});
      } else {
        (void)store.apply(metadata::DeleteStream{"t1", "default", name});
      }
    }
    model = store.state();
  }
  CHECK(model.version() > 512);
  CHECK(MetadataStore::open(directory.path()).value().state() == model);
}

TEST_CASE("a snapshot restores another store, durably") {
  const TemporaryDirectory directory;
  auto source = MetadataStore::open_in_memory().value();
  create_namespace(source);
  {
    auto store = MetadataStore::open(directory.path()).value();
    REQUIRE(store.apply(metadata::CreateTenant{"other", ""}).has_value());
    REQUIRE(store.restore(source.snapshot()).has_value());
    CHECK(store.state() == source.state());
    REQUIRE(store.apply(metadata::CreateStream{"t1", "default", "after", {}}).has_value());
  }
  const auto store = MetadataStore::open(directory.path()).value();
  CHECK(store.state().find_tenant("other") == nullptr);
  CHECK(store.state().find_stream("t1", "default", "after") != nullptr);
}

TEST_CASE("a text that is no snapshot changes nothing") {
  auto store = MetadataStore::open_in_memory().value();
  create_namespace(store);
  const auto before = store.state();
  CHECK(store.restore("{}").error().code == Errc::corrupt);
  CHECK(store.state() == before);
}

TEST_CASE("stored texts that do not make a state are corrupt, and the directory is named") {
  const TemporaryDirectory directory;
  {
    REQUIRE(ChangeLog::open(directory.path()).value().append(1, "not a delta").has_value());
  }
  const auto refused = MetadataStore::open(directory.path());
  REQUIRE_FALSE(refused.has_value());
  CHECK(refused.error().code == Errc::corrupt);
  CHECK(refused.error().context.starts_with(directory.path()));
}

TEST_CASE("after a failed write every command is refused until a restart") {
  const TemporaryDirectory directory;
  auto store = MetadataStore::open(directory.path()).value();
  create_namespace(store);
  const auto before = store.state();
  struct rlimit old{};
  REQUIRE(::getrlimit(RLIMIT_FSIZE, &old) == 0);
  const auto previous = std::signal(SIGXFSZ, SIG_IGN);
  const struct rlimit none{0, old.rlim_max};
  REQUIRE(::setrlimit(RLIMIT_FSIZE, &none) == 0);
  const auto failed = store.apply(metadata::CreateStream{"t1", "default", "orders", {}});
  REQUIRE(::setrlimit(RLIMIT_FSIZE, &old) == 0);
  std::signal(SIGXFSZ, previous);
  REQUIRE_FALSE(failed.has_value());
  CHECK(failed.error().code == Errc::storage);
  CHECK(store.state() == before);
  CHECK(store.apply(metadata::CreateStream{"t1", "default", "later", {}}).error().code == Errc::storage);
}

}  // namespace
}  // namespace felix::store
