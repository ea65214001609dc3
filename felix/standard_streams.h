#pragma once
// Standard input, output and error as descriptors.

#include <string>
#include <string_view>

#include "base/error.h"

namespace felix::command {

// Fills closed places with descriptors that refuse, so that no file or socket opened later is taken for
// standard output. Called first of all.
void claim_standard_streams();

// All of it, waiting for the reader as long as it takes. A reader who went away (`felix --help | head -1`)
// has seen enough: the rest is dropped. An error (storage) is an output that cannot be written: closed, or
// the disk is full.
Status write_output(std::string_view text);
// One line on standard error, as good as it can be.
void say(std::string_view line);

// Replaces the terminal's current line on standard error; the cursor stays at its beginning.
void show_progress(std::string_view text);

// Standard input to its end; too_large when it is longer than `max_bytes`.
Result<std::string> read_input(std::size_t max_bytes);

bool is_terminal(int fd);

}  // namespace felix::command
