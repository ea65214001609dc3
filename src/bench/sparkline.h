#pragma once
// A row of small bars for the progress line: one character a value, the newest on the right. Pure.

#include <cstddef>
#include <span>
#include <string>

namespace felix::bench {

enum class Glyphs { unicode, ascii };

// The last `width` of `values`, left-padded with blanks to `width` characters (each one column wide; in
// unicode three bytes). Heights are logarithmic between the smallest and the largest value shown, but span
// at least a factor of two, so that noise stays flat and a spike stands out. Values that are not positive
// and finite (a second without samples) are blanks.
std::string sparkline(std::span<const double> values, std::size_t width, Glyphs glyphs);

}  // namespace felix::bench
