#!/usr/bin/env python3
"""The soak's judgement, on figures that are made up."""
import random
import unittest

import broker
import judge


class Judge(unittest.TestCase):
    IDLE = {"fds": 12, "threads": 4, "rss_kb": 9000, "heap_bytes": 5_000_000}

    def test_a_cycle_that_leaves_nothing_is_clean(self):
        self.assertEqual(judge.problems_of_cycle(self.IDLE, dict(self.IDLE, rss_kb=15000), {"felix_connections": 0.0}), [])

    def test_a_gauge_off_by_one_a_descriptor_and_a_thread_are_named(self):
        found = judge.problems_of_cycle(self.IDLE, dict(self.IDLE, fds=13, threads=5), {"felix_connections": 1.0})
        self.assertEqual(len(found), 3)
        self.assertIn("felix_connections is 1, not 0", found)

    def test_what_the_allocator_keeps_for_itself_is_bounded(self):
        found = judge.problems_of_cycle(self.IDLE, dict(self.IDLE, rss_kb=40000), {})
        self.assertEqual(found, ["35118 KB are resident and not in use, more than 13312"])

    def test_a_page_kept_a_cycle_is_seen_through_the_noise_of_a_long_run(self):
        noise = random.Random(1)
        flat = [50000 + noise.randint(-150, 150) for _ in range(60)]
        heap = [4_800_000] * 60
        self.assertEqual(judge.problems_of_life(heap, flat, 30), [])
        leaking = [value + 40 * i for i, value in enumerate(flat)]
        self.assertEqual(len(judge.problems_of_life(heap, leaking, 30)), 1)

    def test_a_page_kept_for_every_connection_is_seen_in_a_short_run(self):
        flat = [50000, 52000, 52100, 51990, 52050, 52020]
        heap = [4_800_000] * 6
        self.assertEqual(judge.problems_of_life(heap, flat, 200), [])
        leaking = [value + 250 * judge.CONNECTION_KB * i for i, value in enumerate(flat)]
        self.assertEqual(len(judge.problems_of_life(heap, leaking, 200)), 1)

    def test_a_few_hundred_bytes_kept_a_cycle_are_seen_in_the_heap(self):
        rss = [50000] * 6
        heap = [5_000_000, 4_800_000, 4_800_032, 4_808_400, 4_808_400, 4_808_416]
        self.assertEqual(judge.problems_of_life(heap, rss, 200), [])
        leaking = [value + 400 * i for i, value in enumerate(heap)]
        self.assertIn("416 bytes a cycle", judge.problems_of_life(leaking, rss, 200)[0])
        # Now and then, and much.
        rare = [4_800_000 + 16_000 * (i // 3) for i in range(20)]
        self.assertEqual(len(judge.problems_of_life(rare, [50000] * 20, 200)), 1)

    def test_growth_while_it_warms_up_is_no_leak_and_one_odd_value_no_slope(self):
        rising = [9000, 30000, 50000, 50000, 50000, 50000, 50000]
        self.assertEqual(judge.problems_of_life([1000 * value for value in rising], rising, 1), [])
        self.assertEqual(judge.problems_of_life([9_000_000], [9000], 1), [])
        self.assertEqual(judge.slope([50000, 50000, 59000, 50000, 56000, 50000]), 0)

    def test_a_refused_frame_is_named_and_what_slow_readers_miss_is_not(self):
        clean = dict.fromkeys(judge.NEVER, 0.0) | {'felix_sub_queue_dropped_total{reason="queue_full_new"}': 7.0}
        self.assertEqual(judge.problems_of_counters(clean), [])
        self.assertEqual(judge.problems_of_counters(clean | {"felix_frames_refused_total": 2.0}), ["felix_frames_refused_total is 2.0, not 0"])
        del clean["felix_frames_refused_total"]
        self.assertEqual(len(judge.problems_of_counters(clean)), 1)

    def test_every_gauge_that_counts_something_held_is_looked_at(self):
        exposition = ("# TYPE felix_new_thing gauge\nfelix_new_thing{kind=\"a\"} 2\n# TYPE felix_ready_state gauge\n"
                      "felix_ready_state 1\n# TYPE felix_x_total counter\nfelix_x_total 5\n"
                      "# TYPE felix_memory_allocated_bytes gauge\nfelix_memory_allocated_bytes 77\n")
        self.assertEqual(broker.held(exposition), {'felix_new_thing{kind="a"}': 2.0})
        self.assertEqual(broker.counters(exposition), {"felix_x_total": 5.0})
        self.assertEqual(broker.allocated(exposition), 77)


if __name__ == "__main__":
    unittest.main()
