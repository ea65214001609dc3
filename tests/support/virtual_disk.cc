#include "support/virtual_disk.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "base/contract.h"
#include "io/file_error.h"

namespace felix::test {

namespace {

using Content = std::vector<std::byte>;

void put(Content& content, std::uint64_t position, Bytes bytes) {
  if (content.size() < position + bytes.size()) content.resize(position + bytes.size());
  std::copy(bytes.begin(), bytes.end(), content.begin() + static_cast<std::ptrdiff_t>(position));
}

struct Inode {
  Content seen;
  Content durable;
};

// One thing that was done and not synced.
struct Change {
  enum class Kind : std::uint8_t { write, resize, link, unlink, move } kind{};
  std::size_t inode = 0;   // of a write, a resize, a link
  std::uint64_t at = 0;    // position of a write, new size
  Content bytes;           // of a write
  std::string name;        // of a link, an unlink, a move
  std::string other_name;  // where a move leads

  bool is_entry() const { return kind != Kind::write && kind != Kind::resize; }
  bool concerns(const std::string& directory) const {
    return is_entry() && (io::directory_of(name) == directory ||
                          (kind == Kind::move && io::directory_of(other_name) == directory));
  }
};

constexpr std::size_t kDirectory = SIZE_MAX;  // in place of an inode

}  // namespace

struct VirtualDisk::State {
  std::vector<Inode> inodes;
  std::map<std::string, std::size_t> seen_names;
  std::map<std::string, std::size_t> durable_names;
  std::vector<Change> changes;  // unsynced, in the order they were made
  std::map<Operation, std::map<std::string, std::uint64_t>> counts;
  Injector injector;
  std::function<void()> hook;
  std::uint64_t capacity = UINT64_MAX;

  std::optional<Fault> begin(Operation operation, const std::string& path) {
    if (injector)
      if (auto fault = injector(operation, path)) return fault;
    ++counts[operation][path];
    return std::nullopt;
  }
  void changed() const {
    if (hook) hook();
  }
  void apply_durably(const Change& change) {
    switch (change.kind) {
      case Change::Kind::write:
        put(inodes[change.inode].durable, change.at, change.bytes);
        break;
      case Change::Kind::resize:
        inodes[change.inode].durable.resize(change.at);
        break;
      case Change::Kind::link:
        durable_names[change.name] = change.inode;
        break;
      case Change::Kind::unlink:
        durable_names.erase(change.name);
        break;
      case Change::Kind::move:
        if (const auto found = durable_names.find(change.name); found != durable_names.end()) {
          durable_names[change.other_name] = found->second;
          durable_names.erase(change.name);
        } else if (const auto now = seen_names.find(change.other_name); now != seen_names.end()) {
          durable_names[change.other_name] = now->second;
        }
        break;
    }
  }
  template <class Chosen>
  void settle(Chosen&& chosen, bool kept) {
    std::vector<Change> left;
    for (Change& change : changes) {
      if (!chosen(change)) {
        left.push_back(std::move(change));
      } else if (kept) {
        apply_durably(change);
      }
    }
    changes = std::move(left);
  }
  std::uint64_t used() const {
    std::uint64_t bytes = 0;
    for (const auto& [name, inode] : seen_names)
      if (inode != kDirectory) bytes += inodes[inode].seen.size();
    return bytes;
  }
};

class VirtualDisk::File final : public io::DiskFile {
 public:
  File(std::shared_ptr<State> state, std::size_t inode, std::string path, bool writable)
      : state_(std::move(state)), inode_(inode), path_(std::move(path)), writable_(writable) {}

  Status write(std::span<const Bytes> parts, std::uint64_t position) override {
    FELIX_ASSERT(writable_);
    Content bytes;
    for (const Bytes part : parts) bytes.insert(bytes.end(), part.begin(), part.end());
    auto fault = state_->begin(Operation::write, path_);
    const std::uint64_t size = inode().seen.size();
    const std::uint64_t growth = position + bytes.size() > size ? position + bytes.size() - size : 0;
    const std::uint64_t room = state_->capacity - std::min(state_->used(), state_->capacity);
    if (!fault && growth > room)
      fault = Fault{{Errc::overloaded, "cannot write '" + path_ + "': no space left on this disk"},
                    static_cast<std::size_t>(bytes.size() - growth + room)};
    if (fault) bytes.resize(std::min(bytes.size(), fault->bytes_done));
    if (!bytes.empty()) {
      put(inode().seen, position, bytes);
      state_->changes.push_back({Change::Kind::write, inode_, position, std::move(bytes), {}, {}});
      state_->changed();
    }
    if (fault) return std::unexpected(fault->error);
    return {};
  }
  Result<std::size_t> read(MutableBytes into, std::uint64_t position) override {
    if (auto fault = state_->begin(Operation::read, path_)) return std::unexpected(fault->error);
    const Content& seen = inode().seen;
    if (position >= seen.size()) return std::size_t{0};
    const std::size_t count = std::min<std::size_t>(into.size(), seen.size() - position);
    std::copy_n(seen.begin() + static_cast<std::ptrdiff_t>(position), count, into.begin());
    return count;
  }
  Result<std::optional<std::size_t>> read_cached(MutableBytes into, std::uint64_t position) override {
    FELIX_TRY(const std::size_t got, read(into, position));
    return std::optional(got);
  }
  Status sync() override {
    const auto of_this = [&](const Change& change) { return !change.is_entry() && change.inode == inode_; };
    if (auto fault = state_->begin(Operation::sync, path_)) {
      // As kernels do: the pages count as clean from now on, and are never written.
      state_->settle(of_this, false);
      return std::unexpected(fault->error);
    }
    state_->settle(of_this, true);
    state_->changed();
    return {};
  }
  Result<std::uint64_t> size() override { return std::uint64_t{inode().seen.size()}; }
  Status resize(std::uint64_t size) override {
    FELIX_ASSERT(writable_);
    if (auto fault = state_->begin(Operation::resize, path_)) return std::unexpected(fault->error);
    inode().seen.resize(size);
    state_->changes.push_back({Change::Kind::resize, inode_, size, {}, {}, {}});
    state_->changed();
    return {};
  }

 private:
  Inode& inode() { return state_->inodes[inode_]; }

  std::shared_ptr<State> state_;
  std::size_t inode_;
  std::string path_;
  bool writable_;
};

VirtualDisk::VirtualDisk() : state_(std::make_shared<State>()) {
  state_->seen_names["/"] = state_->durable_names["/"] = kDirectory;
}
VirtualDisk::VirtualDisk(std::shared_ptr<State> state) : state_(std::move(state)) {}
VirtualDisk::VirtualDisk(VirtualDisk&&) noexcept = default;
VirtualDisk& VirtualDisk::operator=(VirtualDisk&&) noexcept = default;
VirtualDisk::~VirtualDisk() = default;

void VirtualDisk::inject(Injector injector) { state_->injector = std::move(injector); }
void VirtualDisk::after_each_change(std::function<void()> hook) { state_->hook = std::move(hook); }
void VirtualDisk::set_capacity(std::uint64_t bytes) { state_->capacity = bytes; }
std::uint64_t VirtualDisk::used_bytes() const { return state_->used(); }
std::size_t VirtualDisk::unsynced() const { return state_->changes.size(); }

std::uint64_t VirtualDisk::count(Operation operation, std::string_view part) const {
  std::uint64_t sum = 0;
  if (const auto found = state_->counts.find(operation); found != state_->counts.end())
    for (const auto& [path, times] : found->second)
      if (path.find(part) != std::string::npos) sum += times;
  return sum;
}

VirtualDisk VirtualDisk::after_crash(CrashFate& fate) const {
  auto state = std::make_shared<State>();
  state->inodes = state_->inodes;
  state->seen_names = state_->seen_names;
  state->durable_names = state_->durable_names;
  // What memory held at each change: a sector is written from there, with all that was put into it before.
  State memory;
  memory.inodes = state->inodes;
  const std::size_t count = state_->changes.size();
  for (std::size_t index = 0; index < count; ++index) {
    const Change& change = state_->changes[index];
    if (!change.is_entry()) memory.apply_durably(change);
    if (!fate.keeps(index, count)) continue;
    if (change.kind != Change::Kind::write) {
      state->apply_durably(change);
      continue;
    }
    const Content& held = memory.inodes[change.inode].durable;
    const std::uint64_t first = change.at / kSectorBytes;
    for (std::uint64_t sector = first; sector * kSectorBytes < change.at + change.bytes.size(); ++sector) {
      if (!fate.keeps_sector(index, static_cast<std::size_t>(sector - first))) continue;
      const std::uint64_t at = sector * kSectorBytes;
      put(state->inodes[change.inode].durable, at,
          Bytes(held).subspan(at, std::min<std::uint64_t>(kSectorBytes, held.size() - at)));
    }
  }
  state->seen_names = state->durable_names;
  for (Inode& inode : state->inodes) inode.seen = inode.durable;
  return VirtualDisk(std::move(state));
}

VirtualDisk VirtualDisk::after_kill() const {
  auto state = std::make_shared<State>();
  state->inodes = state_->inodes;
  state->seen_names = state_->seen_names;
  state->durable_names = state_->durable_names;
  state->changes = state_->changes;
  return VirtualDisk(std::move(state));
}

std::vector<std::byte>& VirtualDisk::content(const std::string& path) {
  return state_->inodes.at(state_->seen_names.at(path)).seen;
}
bool VirtualDisk::exists(const std::string& path) const { return state_->seen_names.contains(path); }

Result<std::unique_ptr<io::DiskFile>> VirtualDisk::open(const std::string& path, Open how) {
  const bool create = how == Open::create;
  if (auto fault = state_->begin(create ? Operation::create : Operation::open, path))
    return std::unexpected(fault->error);
  const auto found = state_->seen_names.find(path);
  if (!create) {
    if (found == state_->seen_names.end()) return fail(Errc::not_found, "cannot open '" + path + "'");
    return std::make_unique<File>(state_, found->second, path, how == Open::read_write);
  }
  if (found != state_->seen_names.end()) return fail(Errc::already_exists, "cannot create '" + path + "'");
  if (!state_->seen_names.contains(io::directory_of(path)))
    return fail(Errc::not_found, "cannot create '" + path + "': no such directory");
  const std::size_t inode = state_->inodes.size();
  state_->inodes.emplace_back();
  state_->seen_names[path] = inode;
  state_->changes.push_back({Change::Kind::link, inode, 0, {}, path, {}});
  state_->changed();
  return std::make_unique<File>(state_, inode, path, true);
}

Result<std::vector<std::string>> VirtualDisk::list(const std::string& directory) {
  if (auto fault = state_->begin(Operation::list, directory)) return std::unexpected(fault->error);
  if (!state_->seen_names.contains(directory))
    return fail(Errc::not_found, "cannot list '" + directory + "'");
  std::vector<std::string> names;
  for (const auto& [path, inode] : state_->seen_names)
    if (path != "/" && io::directory_of(path) == directory) names.push_back(path.substr(path.rfind('/') + 1));
  std::sort(names.begin(), names.end());
  return names;
}

Status VirtualDisk::make_directories(const std::string& directory) {
  if (state_->seen_names.contains(directory)) return {};
  const std::string parent = io::directory_of(directory);
  if (!state_->seen_names.contains(parent)) {
    FELIX_CHECK(make_directories(parent));
    FELIX_CHECK(sync_directory(io::directory_of(parent)));
  }
  if (auto fault = state_->begin(Operation::make_directory, directory)) return std::unexpected(fault->error);
  state_->seen_names[directory] = kDirectory;
  state_->changes.push_back({Change::Kind::link, kDirectory, 0, {}, directory, {}});
  state_->changed();
  return {};
}

Status VirtualDisk::remove(const std::string& path) {
  if (auto fault = state_->begin(Operation::remove, path)) return std::unexpected(fault->error);
  if (state_->seen_names.erase(path) == 0) return fail(Errc::not_found, "cannot remove '" + path + "'");
  state_->changes.push_back({Change::Kind::unlink, 0, 0, {}, path, {}});
  state_->changed();
  return {};
}

Status VirtualDisk::rename(const std::string& from, const std::string& to) {
  if (auto fault = state_->begin(Operation::rename, from)) return std::unexpected(fault->error);
  const auto found = state_->seen_names.find(from);
  if (found == state_->seen_names.end()) return fail(Errc::not_found, "cannot rename '" + from + "'");
  state_->seen_names[to] = found->second;
  state_->seen_names.erase(from);
  state_->changes.push_back({Change::Kind::move, 0, 0, {}, from, to});
  state_->changed();
  return {};
}

Status VirtualDisk::sync_directory(const std::string& directory) {
  const auto in_this = [&](const Change& change) { return change.concerns(directory); };
  if (auto fault = state_->begin(Operation::sync_directory, directory)) {
    state_->settle(in_this, false);
    return std::unexpected(fault->error);
  }
  state_->settle(in_this, true);
  state_->changed();
  return {};
}

}  // namespace felix::test
