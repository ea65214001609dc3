"""One cycle of trouble. Every cycle is the same: what is left behind after one must not differ from what another leaves."""
import json
import os
import signal
import socket
import subprocess
import time

STEP_SECONDS = 0.1
IDLE_CONNECTIONS = 100


class Cycle:
    """Runs at once and ends with every client gone. `problems` says what did not go as it must. `heavy`: four times the
    load, to leave a mark that the others stay below."""

    def __init__(self, broker, seconds, heavy=False):
        times = 4 if heavy else 1
        self.broker = broker
        self.problems = []
        self.churned = self.vanished = 0
        self.delivered = self.p999_us = self.cache_requests = 0
        run_for = [f"--duration={seconds}s", "--warmup=100ms", "--output=json"]
        out = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        fanout = broker.client("bench", "fanout", "--stream=steady", "--publishers=4", "--fanout=4", f"--rate={2000 * times}",
                               "--queue-capacity=8192", *run_for, **out)
        cache = broker.client("bench", "cache", "--cache=steady", "--publishers=2", "--in-flight=8", "--op=put",
                              *run_for, **out)
        # One reader stops reading and goes on, one has nobody who takes what it prints.
        slow = broker.client("sub", "steady")
        unread = broker.client("sub", "steady", stdout=subprocess.PIPE)
        self._churn_while(fanout, slow)
        self._take_fanout(fanout)
        self._take_cache(cache)
        # Idle connections together, then handshakes one after the other.
        idle = IDLE_CONNECTIONS * times
        connect = broker.client("bench", "connect", f"--connections={idle}", f"--in-flight={4 * times}", f"--duration={250 * seconds}ms",
                                "--warmup=10ms", "--output=json", **out)
        self._take_connect(connect, idle)
        for reader, name in ((slow, "slow"), (unread, "unread")):
            if reader.poll() is not None:
                self.problems.append(f"the {name} reader ended with {reader.returncode}")
            reader.kill()
            reader.communicate()

    def _churn_while(self, fanout, slow):
        steps = [self._put, self._vanish, lambda: slow.send_signal(signal.SIGSTOP), self._get, self._publish, self._forged,
                 lambda: slow.send_signal(signal.SIGCONT), self._noise]
        readers = []
        step = 0
        while fanout.poll() is None:
            began = time.monotonic()
            one = steps[step % len(steps)]()
            if isinstance(one, subprocess.Popen):
                readers.append((one, began))
            # Those who vanish do so in the middle of what they read.
            for reader, since in [r for r in readers if began - r[1] > 4 * STEP_SECONDS]:
                readers.remove((reader, since))
                self._kill(reader)
            step += 1
            time.sleep(max(0, STEP_SECONDS - (time.monotonic() - began)))
        slow.send_signal(signal.SIGCONT)
        for reader, _ in readers:
            self._kill(reader)

    def _kill(self, reader):
        reader.kill()
        reader.wait()
        self.vanished += 1

    def _expect(self, what, codes, *words, text=None):
        process = self.broker.client(*words, stdin=subprocess.PIPE, stderr=subprocess.PIPE)
        _, said = process.communicate(text)
        self.churned += 1
        if process.returncode not in codes:
            self.problems.append(f"{what} ended with {process.returncode}: {said.decode().strip()}")

    def _put(self):
        self._expect("put", [0], "cache", "put", "churn", f"key-{self.churned}", "value", "--ttl=300ms")

    def _get(self):
        self._expect("get", [0, 1], "cache", "get", "churn", f"key-{self.churned}")

    def _publish(self):
        self._expect("publish", [0], "pub", "churn", text=b"one\n")

    def _forged(self):
        self._expect("a forged token", [4], "pub", "churn", "--token=a.b.c", text=b"no\n")

    def _vanish(self):
        return self.broker.client("sub", "steady")

    def _noise(self):
        host, port = self.broker.address.rsplit(":", 1)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as noise:
            for size in (0, 1, 21, 1200, 1472):
                noise.sendto(b"\xc3\0\0\0\1\x08"[:size] + os.urandom(max(0, size - 6)), (host, int(port)))

    def _result_of(self, what, process):
        out, said = process.communicate(timeout=120)
        if process.returncode != 0:
            self.problems.append(f"{what} ended with {process.returncode}: {(said or out[:2000]).decode().strip()}")
            return None
        return json.loads(out)["runs"][0]

    def _take_fanout(self, process):
        run = self._result_of("the steady load", process)
        if run:
            self.delivered = run["latency"]["count"]
            self.p999_us = run["latency"]["p999_ns"] // 1000

    def _take_cache(self, process):
        run = self._result_of("the cache's load", process)
        if run:
            self.cache_requests = run["latency"]["count"]

    def _take_connect(self, process, idle):
        run = self._result_of("connecting", process)
        if run:
            self.churned += run["latency"]["count"] + idle
