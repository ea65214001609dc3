"""What is made of the cycles: what each must leave behind, and whether memory grows from one to the next."""
import statistics

# The first cycles of a life are heavy: they touch what stays, rings, caches of frames, tables that grow by doubling.
HEAVY_CYCLES = 2

# The heap's bytes in use are exact: from one cycle to the next nothing is added, but for the room of a text or two (seen: up to
# 64 bytes). The median of the differences says what every cycle adds; a table that doubles once does not move it.
HEAP_BYTES_PER_CYCLE = 128
# All such tables together, over a life (seen: up to 9 KB).
HEAP_BYTES_OF_TABLES = 32 * 1024

# What one connection costs the broker while it is held (docs/performance.md). Resident memory moves with what the allocator
# keeps; it must not rise by as much as one connection a cycle.
CONNECTION_KB = 33
# What a quiet broker leaves the allocator: it gives back what is 8 MiB above what it could not give back (src/broker/heap_trim.h).
KEPT_KB = 13 * 1024
# From so many judged cycles on, chance moves the slope by less than a connection.
CYCLES_FOR_A_CONNECTION = 40


def judged(values):
    """Without the heavy cycles, and the others of a life's first fifth."""
    return values[max(HEAVY_CYCLES, len(values) // 5):]


def heap_growth(allocated):
    """What a cycle adds to the heap: the median of the differences between cycles, in bytes; 0 for fewer than two."""
    steps = [after - before for before, after in zip(allocated, allocated[1:])]
    return statistics.median(steps) if steps else 0.0


def slope(values):
    """By how much a cycle the lowest of the second half is above the lowest of the first; 0 for fewer than two. What is held
    is never more than the lowest the process came back to, whatever a single cycle left on the way."""
    half = len(values) // 2
    return (min(values[half:]) - min(values[:half])) / half if half else 0.0


def rss_limit_kb(cycles, connections_per_cycle):
    """KB a cycle. Few cycles tell only whether every connection leaves something behind."""
    return CONNECTION_KB if cycles >= CYCLES_FOR_A_CONNECTION else CONNECTION_KB * connections_per_cycle


def problems_of_cycle(idle, usage, held):
    """`idle`: the usage before the first cycle; `held`: what the gauges said last."""
    kept_kb = usage["rss_kb"] - usage["heap_bytes"] // 1024
    found = [f"{name} is {value:g}, not 0" for name, value in sorted(held.items()) if value != 0]
    for what in ("fds", "threads"):
        if usage[what] != idle[what]:
            found.append(f"{what} are {usage[what]}, not {idle[what]} as when idle")
    if kept_kb > KEPT_KB:
        found.append(f"{kept_kb} KB are resident and not in use, more than {KEPT_KB}")
    return found


# Nobody publishes what is refused, breaks the protocol or is too many; what slow readers miss is theirs to miss.
NEVER = ['felix_publish_requests_total{result="error"}', 'felix_publish_requests_total{result="dropped"}',
         'felix_subscribe_requests_total{result="error"}', 'felix_cache_requests_total{op="any",result="error"}',
         "felix_frames_refused_total", "felix_quic_protocol_violation_total", "felix_quic_connections_refused_total"]


def problems_of_counters(counters):
    return [f"{name} is {counters.get(name, 'missing')}, not 0" for name in NEVER if counters.get(name) != 0]


def problems_of_life(allocated, rss_kb, connections_per_cycle):
    """`allocated`: bytes of the heap in use after each cycle; `rss_kb`: memory resident then."""
    found = []
    heap, resident = judged(allocated), judged(rss_kb)
    grows = heap_growth(heap)
    if grows > HEAP_BYTES_PER_CYCLE:
        found.append(f"the heap grows by {grows:.0f} bytes a cycle, more than {HEAP_BYTES_PER_CYCLE}")
    if heap and heap[-1] - heap[0] > HEAP_BYTES_OF_TABLES:
        found.append(f"the heap grew by {heap[-1] - heap[0]:.0f} bytes in a life, more than {HEAP_BYTES_OF_TABLES}")
    limit = rss_limit_kb(len(resident), connections_per_cycle)
    if slope(resident) > limit:
        found.append(f"resident memory grows by {slope(resident):.0f} KB a cycle, more than {limit:.0f}")
    return found
