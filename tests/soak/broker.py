"""The broker under test: one process, watched from outside through /metrics and /proc."""
import os
import pathlib
import re
import signal
import subprocess
import time
import urllib.request

# Gauges that count what was, or say what is, and not what is held now; and what streams keep for those who come late.
NOT_HELD = {"felix_ready_state", "felix_cache_evicted", "felix_cache_expired", "felix_udp_foreign_packets",
            "felix_tls_certificate_not_after_seconds"}
NOT_HELD_PATTERN = re.compile(r'felix_udp_(received|sent)_|felix_memory_(limit|allocated|resident)_bytes|felix_memory_used_bytes\{account="retained"\}')


def held(exposition):
    """The gauges that count something held, by name and labels; a gauge that is new is one of them."""
    gauges = set(re.findall(r"^# TYPE (\S+) gauge", exposition, re.MULTILINE))
    values = {}
    for line in exposition.splitlines():
        name = re.split(r"[{ ]", line, maxsplit=1)[0]
        if name in gauges and name not in NOT_HELD and not NOT_HELD_PATTERN.match(line):
            values[line.rsplit(" ", 1)[0]] = float(line.rsplit(" ", 1)[1])
    return values


def counters(exposition):
    names = set(re.findall(r"^# TYPE (\S+) counter", exposition, re.MULTILINE))
    found = (line.rsplit(" ", 1) for line in exposition.splitlines() if re.split(r"[{ ]", line, maxsplit=1)[0] in names)
    return {name: float(value) for name, value in found}


def allocated(exposition):
    """Bytes of the heap in use."""
    return int(re.search(r"^felix_memory_allocated_bytes (\d+)", exposition, re.MULTILINE)[1])


class Broker:
    """Starts at once. `work` holds its state, the clients' context and its log."""

    # Rings that are full from the first records on, so that what streams keep is the same after every cycle.
    RING_RECORDS = 16
    OPTIONS = ["--quic-bind", "127.0.0.1:0", "--metrics-bind", "127.0.0.1:0", "--reactors", "2", "--max-idle-timeout", "1000ms",
               "--keepalive", "300ms", "--cache-default-ttl", "500ms", "--log-level", "error,broker=info",
               "--ring-records", str(RING_RECORDS)]

    def __init__(self, program, work):
        self.work = pathlib.Path(work)
        self.environment = {name: value for name, value in os.environ.items() if not name.startswith("FELIX_")}
        self.environment.update(HOME=str(work), XDG_CONFIG_HOME=f"{work}/config", XDG_STATE_HOME=f"{work}/state", LC_ALL="C")
        self.program = program
        log = self.work / "broker.err"
        self.log = open(log, "wb")
        self.process = subprocess.Popen([program, "broker", *self.OPTIONS], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                        stderr=self.log, env=self.environment)
        deadline = time.monotonic() + 20
        while not (found := re.search(r"clients on (\S+).*http://(\S+)", log.read_text())):
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError("the broker did not start: " + log.read_text())
            time.sleep(0.02)
        self.address, self.http = found.groups()
        # The context file is written after the sockets are bound.
        while not (self.work / "config/felix/contexts/default.toml").exists():
            time.sleep(0.02)

    def metrics(self):
        with urllib.request.urlopen(f"http://{self.http}/metrics", timeout=5) as answer:
            return answer.read().decode()

    def usage(self):
        """Descriptors, threads, and anonymous memory in KB."""
        proc = pathlib.Path(f"/proc/{self.process.pid}")
        status = proc.joinpath("status").read_text()
        number = lambda field: int(re.search(rf"^{field}:\s+(\d+)", status, re.MULTILINE)[1])
        return {"fds": len(os.listdir(proc / "fd")), "threads": number("Threads"), "rss_kb": number("RssAnon")}

    def client(self, *words, **pipes):
        pipes = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL} | pipes
        return subprocess.Popen([self.program, *words], env=self.environment, **pipes)

    def terminate(self, patience=20):
        """SIGTERM; its exit code and how long it took. None when it had to be killed."""
        began = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        try:
            code = self.process.wait(patience)
        except subprocess.TimeoutExpired:
            code = None
            self.kill()
        return code, time.monotonic() - began

    def kill(self):
        self.process.kill()
        self.process.wait()
        self.log.close()
