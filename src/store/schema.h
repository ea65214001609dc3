#pragma once
// The tables of the metadata file and the number of their shape.

#include <cstdint>

#include "store/database.h"

namespace felix::store {

// Grows when a table changes; a file with a greater one was written by a newer felix.
inline constexpr std::int64_t kSchemaVersion = 1;

// Makes the tables of an empty file, and accepts a file that has them. newer_version when it is ahead of this
// build; corrupt when it is damaged or belongs to another program.
Status prepare_schema(Database& database);

}  // namespace felix::store
