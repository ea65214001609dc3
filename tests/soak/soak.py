#!/usr/bin/env python3
"""The soak: identical cycles of load and trouble against `felix broker`, and what is left behind after each."""
import argparse
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time

import broker as brokers
import judge
import load

ABOUT = """Puts a broker through identical cycles: four publishers and four subscribers, a cache whose entries live for half a
second, clients that come and go (ten a second), readers that are slow, stopped, unread or vanish, forged tokens and noise on
the port. After each cycle every gauge that counts something held must be exactly 0, and descriptors and threads what they were
before the first; over the cycles of one life of the broker, the heap's bytes in use and the memory resident must not grow. A life ends with SIGTERM while clients are
connected; the next one begins on the same state. Prints a row for each cycle, then one line of JSON; exits 1 on a failure."""

COLUMNS = "life cycle  churned vanished  delivered  p999_us  cache_requests  settle_s  fds threads  heap_bytes   rss_kb  left behind"


def settle(broker, idle, seconds=10):
    """Waits until nothing is held; what is left, the usage, and how long it took."""
    began = time.monotonic()
    while True:
        exposition = broker.metrics()
        held = brokers.held(exposition)
        time.sleep(0.1)  # the scrape's own connection ends
        usage = broker.usage() | {"heap_bytes": brokers.allocated(exposition)}
        took = time.monotonic() - began
        left = judge.problems_of_cycle(idle, usage, held)
        if not left or took > seconds:
            return left, usage, took


def idle_usage(broker):
    """After its first scrape and a client, which start what is started once."""
    broker.client("cache", "get", "churn", "none").wait()
    broker.client("pub", "churn", "--batch=1", stdin=subprocess.PIPE).communicate(b"one\n" * 2 * broker.RING_RECORDS)
    deadline = time.monotonic() + 10
    while any(brokers.held(broker.metrics()).values()) and time.monotonic() < deadline:
        time.sleep(0.05)
    time.sleep(0.2)
    return broker.usage()


class Soak:
    def __init__(self, options):
        self.options = options
        self.rows = []
        self.problems = []
        self.heap_growths = []
        self.slopes = []
        self.terminations = []
        self.ends = 0

    def over(self, began):
        return self.options.total and time.monotonic() - began > self.options.total

    def live(self, life, work, began):
        broker = brokers.Broker(self.options.program, work)
        try:
            idle = idle_usage(broker)
            heap, rss = [], []
            for number in range(1, self.options.cycles + 1):
                cycle = load.Cycle(broker, self.options.seconds, heavy=number <= judge.HEAVY_CYCLES)
                left, usage, took = settle(broker, idle)
                heap.append(usage["heap_bytes"])
                rss.append(usage["rss_kb"])
                self.rows.append(cycle)
                self.ends += len(left)
                print(f"{life:4} {number:5} {cycle.churned:8} {cycle.vanished:8} {cycle.delivered:10} {cycle.p999_us:8} "
                      f"{cycle.cache_requests:15} {took:9.1f} {usage['fds']:4} {usage['threads']:7} {heap[-1]:11} {usage['rss_kb']:8}  "
                      + ("; ".join(left) or "nothing"), flush=True)
                self.problems += [f"life {life} cycle {number}: {what}" for what in cycle.problems + left]
                if self.over(began):
                    break
            connections = sum(c.churned + c.vanished for c in self.rows) / len(self.rows) + 8
            self.heap_growths.append(judge.heap_growth(judge.judged(heap)))
            self.slopes.append(judge.slope(judge.judged(rss)))
            counters = brokers.counters(broker.metrics())
            for what in judge.problems_of_life(heap, rss, connections) + judge.problems_of_counters(counters):
                self.problems.append(f"life {life}: {what}")
            self.end(life, broker)
        finally:
            if broker.process.poll() is None:
                broker.kill()

    def end(self, life, broker):
        """SIGTERM, with readers connected."""
        readers = [broker.client("sub", "steady", "--ready-file", str(broker.work / f"ready-{i}")) for i in range(3)]
        while not all((broker.work / f"ready-{i}").exists() for i in range(3)):
            time.sleep(0.02)
        code, took = broker.terminate()
        self.terminations.append(took)
        if code != 0:
            self.problems.append(f"life {life}: SIGTERM ended it with {code} after {took:.1f} s")
        for reader in readers:  # they look for another life
            reader.kill()
            reader.wait()
        for i in range(3):
            (broker.work / f"ready-{i}").unlink()

    def run(self):
        began = time.monotonic()
        print(COLUMNS)
        with tempfile.TemporaryDirectory(prefix="felix-soak-") as work:
            life = 0
            while not self.over(began) and (self.options.total or life < self.options.lives):
                life += 1
                self.live(life, work, began)
        took = time.monotonic() - began
        for problem in self.problems:
            print("FAILED:", problem)
        cycles = len(self.rows)
        commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False,
                                cwd=pathlib.Path(__file__).parent).stdout.strip()
        worst = max(self.slopes, default=0)
        print(json.dumps({
            "name": "T26 soak", "seed": 0, "git": commit or "unknown", "duration_s": round(took, 1), "lives": life, "cycles": cycles,
            "connections": sum(c.churned + c.vanished for c in self.rows), "vanished": sum(c.vanished for c in self.rows),
            "delivered": sum(c.delivered for c in self.rows), "cache_requests": sum(c.cache_requests for c in self.rows),
            "left_behind": self.ends, "heap_bytes_per_cycle": max(self.heap_growths, default=0),
            "rss_slope_kb_per_cycle": round(worst, 1),
            "rss_slope_kb_per_hour": round(worst * cycles * 3600 / took), "p999_us_worst": max(c.p999_us for c in self.rows),
            "sigterm_s_worst": round(max(self.terminations, default=0), 2), "verdict": "fail" if self.problems else "pass"},
            separators=(",", ":")))
        return 1 if self.problems else 0


def main():
    parser = argparse.ArgumentParser(prog="scripts/soak", description=ABOUT, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cycles", type=int, default=8, metavar="N", help="cycles of each life (default: 8)")
    parser.add_argument("--seconds", type=int, default=3, metavar="N", help="load of each cycle (default: 3)")
    parser.add_argument("--lives", type=int, default=2, metavar="N", help="lives of the broker, on the same state (default: 2)")
    parser.add_argument("--total", type=int, default=0, metavar="N", help="as many lives as fit into N seconds instead")
    parser.add_argument("--program", default="", metavar="FILE", help="the felix to judge (default: the release build)")
    options = parser.parse_args()
    options.program = os.path.realpath(options.program)
    sys.exit(Soak(options).run())


if __name__ == "__main__":
    main()
