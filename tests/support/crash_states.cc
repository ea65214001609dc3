#include "support/virtual_disk.h"

namespace felix::test {
namespace {

// Keeps what `operation` says, and of the last write what `sector` says.
class ChosenFate final : public CrashFate {
 public:
  using Operation = std::function<bool(std::size_t)>;
  using Sector = std::function<bool(std::size_t)>;
  explicit ChosenFate(Operation operation, Sector last = nullptr)
      : operation_(std::move(operation)), last_(std::move(last)) {}

  bool keeps(std::size_t index, std::size_t count) override {
    count_ = count;
    return operation_(index);
  }
  bool keeps_sector(std::size_t index, std::size_t sector) override {
    return last_ == nullptr || index + 1 < count_ || last_(sector);
  }

 private:
  Operation operation_;
  Sector last_;
  std::size_t count_ = 0;
};

// Draws each operation, and each sector of a write.
class DrawnFate final : public CrashFate {
 public:
  explicit DrawnFate(std::mt19937_64& random) : random_(random) {}

  bool keeps(std::size_t /*index*/, std::size_t /*count*/) override { return random_() % 2 == 0; }
  bool keeps_sector(std::size_t /*index*/, std::size_t /*sector*/) override { return random_() % 4 != 0; }

 private:
  std::mt19937_64& random_;
};

constexpr std::size_t kTornSectors = 16;  // of the last write, tried one by one

}  // namespace

void for_each_crash_state(const VirtualDisk& disk, std::mt19937_64& random, int random_states,
                          const std::function<void(VirtualDisk&)>& visit) {
  const auto visit_fate = [&](CrashFate&& fate) {
    VirtualDisk survivor = disk.after_crash(fate);
    visit(survivor);
  };
  const std::size_t count = disk.unsynced();
  for (std::size_t kept = 0; kept <= count; ++kept)
    visit_fate(ChosenFate([&](std::size_t index) { return index < kept; }));
  if (count == 0) return;
  for (std::size_t chosen = 0; chosen < count; ++chosen) {
    visit_fate(ChosenFate([&](std::size_t index) { return index == chosen; }));
    visit_fate(ChosenFate([&](std::size_t index) { return index != chosen; }));
  }
  const auto all = [](std::size_t) { return true; };
  for (std::size_t torn = 0; torn < kTornSectors; ++torn) {
    visit_fate(ChosenFate(all, [&](std::size_t sector) { return sector != torn; }));
    visit_fate(ChosenFate(all, [&](std::size_t sector) { return sector < torn; }));
    visit_fate(ChosenFate(all, [&](std::size_t sector) { return sector >= torn; }));
  }
  for (int i = 0; i < random_states; ++i) visit_fate(DrawnFate(random));
}

}  // namespace felix::test
