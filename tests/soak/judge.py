"""What is made of the cycles: what each must leave behind, and whether memory grows from one to the next."""

# What one connection costs the broker while it is held (docs/performance.md): were one of a cycle's connections kept, its
# memory would grow by so much a cycle.
CONNECTION_KB = 33
# From so many judged cycles on, chance moves the slope by less than a connection.
CYCLES_FOR_A_CONNECTION = 40
# The first cycles of a life are heavy: they touch what stays, rings, caches of frames, pages of the allocator.
HEAVY_CYCLES = 2


def judged(rss_kb):
    """Without the heavy cycles, and the others of a life's first fifth."""
    return rss_kb[max(HEAVY_CYCLES, len(rss_kb) // 5):]


def slope(values):
    """By how much a cycle the lowest of the second half is above the lowest of the first; 0 for fewer than two. What is held
    is never more than the lowest the process came back to, whatever a single cycle left in its heap on the way."""
    half = len(values) // 2
    return (min(values[half:]) - min(values[:half])) / half if half else 0.0


def slope_limit_kb(cycles, connections_per_cycle):
    """KB a cycle. Few cycles tell only whether every connection leaves something behind."""
    return CONNECTION_KB if cycles >= CYCLES_FOR_A_CONNECTION else CONNECTION_KB * connections_per_cycle


def problems_of_cycle(idle, usage, held):
    """`idle`: the usage before the first cycle; `held`: what the gauges said last."""
    found = [f"{name} is {value:g}, not 0" for name, value in sorted(held.items()) if value != 0]
    for what in ("fds", "threads"):
        if usage[what] != idle[what]:
            found.append(f"{what} are {usage[what]}, not {idle[what]} as when idle")
    return found


# Nobody publishes what is refused, breaks the protocol or is too many; what slow readers miss is theirs to miss.
NEVER = ['felix_publish_requests_total{result="error"}', 'felix_publish_requests_total{result="dropped"}',
         'felix_subscribe_requests_total{result="error"}', 'felix_cache_requests_total{op="any",result="error"}',
         "felix_frames_refused_total", "felix_quic_protocol_violation_total", "felix_quic_connections_refused_total"]


def problems_of_counters(counters):
    return [f"{name} is {counters.get(name, 'missing')}, not 0" for name in NEVER if counters.get(name) != 0]


def problems_of_life(rss_kb, connections_per_cycle):
    values = judged(rss_kb)
    limit = slope_limit_kb(len(values), connections_per_cycle)
    grows = slope(values)
    return [f"memory grows by {grows:.0f} KB a cycle, more than {limit:.0f}"] if grows > limit else []
