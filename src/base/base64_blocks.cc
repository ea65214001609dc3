#include "base/base64_blocks.h"

#if defined(__x86_64__)
#include <tmmintrin.h>
#endif

namespace felix::detail {

#if defined(__x86_64__)
namespace {

// Both directions follow W. Muła and D. Lemire, "Faster Base64 Encoding and Decoding using AVX2 Instructions"
// (2018).

// Twelve bytes, in the low end, as sixteen characters.
[[gnu::target("ssse3")]] __m128i encode_block(__m128i in) {
  // Each group of three bytes as b a c b, so that the six-bit fields lie inside 16-bit words.
  in = _mm_shuffle_epi8(in, _mm_setr_epi8(1, 0, 2, 1, 4, 3, 5, 4, 7, 6, 8, 7, 10, 9, 11, 10));
  const __m128i high =
      _mm_mulhi_epu16(_mm_and_si128(in, _mm_set1_epi32(0x0fc0fc00)), _mm_set1_epi32(0x04000040));
  const __m128i low =
      _mm_mullo_epi16(_mm_and_si128(in, _mm_set1_epi32(0x003f03f0)), _mm_set1_epi32(0x01000010));
  const __m128i index = _mm_or_si128(high, low);
  // 0..25 -> 13, 26..51 -> 0, 52..61 -> 1..10, 62 -> 11, 63 -> 12: the distance from index to character.
  __m128i range = _mm_subs_epu8(index, _mm_set1_epi8(51));
  const __m128i upper = _mm_cmpgt_epi8(_mm_set1_epi8(26), index);
  range = _mm_or_si128(range, _mm_and_si128(upper, _mm_set1_epi8(13)));
  const __m128i distance =
      _mm_setr_epi8('a' - 26, '0' - 52, '0' - 52, '0' - 52, '0' - 52, '0' - 52, '0' - 52, '0' - 52, '0' - 52,
                    '0' - 52, '0' - 52, '+' - 62, '/' - 63, 'A', 0, 0);
  return _mm_add_epi8(index, _mm_shuffle_epi8(distance, range));
}

// Sixteen characters as twelve bytes in the low end; false when one is not of the alphabet.
[[gnu::target("ssse3")]] bool decode_block(__m128i in, __m128i& out) {
  const __m128i nibble = _mm_set1_epi8(0x0f);
  const __m128i high = _mm_and_si128(_mm_srli_epi32(in, 4), nibble);
  const __m128i low = _mm_and_si128(in, nibble);
  // A character is of the alphabet when the sets its two halves belong to have nothing in common.
  const __m128i high_sets = _mm_setr_epi8(0x10, 0x10, 0x01, 0x02, 0x04, 0x08, 0x04, 0x08, 0x10, 0x10, 0x10,
                                          0x10, 0x10, 0x10, 0x10, 0x10);
  const __m128i low_sets = _mm_setr_epi8(0x15, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x13,
                                         0x1a, 0x1b, 0x1b, 0x1b, 0x1a);
  const __m128i common = _mm_and_si128(_mm_shuffle_epi8(high_sets, high), _mm_shuffle_epi8(low_sets, low));
  if (_mm_movemask_epi8(_mm_cmpeq_epi8(common, _mm_setzero_si128())) != 0xffff) return false;
  // '/' shares its high half with '+', so it is told apart by itself.
  const __m128i slash = _mm_cmpeq_epi8(in, _mm_set1_epi8('/'));
  const __m128i distance = _mm_setr_epi8(0, 63 - '/', 62 - '+', 52 - '0', 0 - 'A', 0 - 'A', 26 - 'a',
                                         26 - 'a', 0, 0, 0, 0, 0, 0, 0, 0);
  const __m128i fields = _mm_add_epi8(in, _mm_shuffle_epi8(distance, _mm_add_epi8(slash, high)));
  // Four fields of six bits become one of 24, then the bytes move to their places.
  const __m128i pairs = _mm_maddubs_epi16(fields, _mm_set1_epi32(0x01400140));
  const __m128i groups = _mm_madd_epi16(pairs, _mm_set1_epi32(0x00011000));
  out = _mm_shuffle_epi8(groups, _mm_setr_epi8(2, 1, 0, 6, 5, 4, 10, 9, 8, 14, 13, 12, -1, -1, -1, -1));
  return true;
}

}  // namespace

[[gnu::target("ssse3")]] Base64Progress encode_base64_blocks(Bytes bytes, char* to) {
  Base64Progress progress;
  if (!__builtin_cpu_supports("ssse3")) return progress;
  // A block reads four bytes more than it uses.
  for (; bytes.size() - progress.read >= 16; progress.read += 12, progress.written += 16) {
    const __m128i in = _mm_loadu_si128(reinterpret_cast<const __m128i*>(bytes.data() + progress.read));
    _mm_storeu_si128(reinterpret_cast<__m128i*>(to + progress.written), encode_block(in));
  }
  return progress;
}

[[gnu::target("ssse3")]] Base64Progress decode_base64_blocks(std::string_view text, MutableBytes out) {
  Base64Progress progress;
  if (!__builtin_cpu_supports("ssse3")) return progress;
  // A block writes four bytes more than it makes.
  for (; text.size() - progress.read >= 16 && out.size() - progress.written >= 16;
       progress.read += 16, progress.written += 12) {
    const __m128i in = _mm_loadu_si128(reinterpret_cast<const __m128i*>(text.data() + progress.read));
    __m128i bytes;
    if (!decode_block(in, bytes)) break;
    _mm_storeu_si128(reinterpret_cast<__m128i*>(out.data() + progress.written), bytes);
  }
  return progress;
}

#else

Base64Progress encode_base64_blocks(Bytes, char*) { return {}; }
Base64Progress decode_base64_blocks(std::string_view, MutableBytes) { return {}; }

#endif

}  // namespace felix::detail
