"""The words that code of the house does not use, each with its replacement.

Patterns see code without comments and literals. A word is allowed in whole modules or in single files, never line by line.
"""
from dataclasses import dataclass


@dataclass
class Word:
    pattern: str
    instead: str
    allowed: tuple = ()  # modules, or single files
    anywhere: bool = False  # comments and literals too


WORDS = [
    # Time, chance, threads: what makes a run unrepeatable comes in by one door.
    Word(r"\b(?:system_clock|steady_clock|high_resolution_clock)::now\b|\b(?:clock_gettime|gettimeofday)\s*\(",
         "time is given as an argument, or read from io::Clock", ("io", "telemetry")),
    Word(r"(?<![\w:.>])(?:std::|::)?time\s*\(\s*(?:nullptr|NULL|0)\s*\)", "read io::Clock", ("io",)),
    Word(r"(?<![\w.>])(?:std::|::)?s?rand\s*\((?:\s*|\w+)\)\s*[;+*/%<>=),-]|\brandom_device\b|\bgetrandom\s*\(",
         "secrets come from crypto/random.h, everything else from a seed that is given", ("crypto",)),
    Word(r"\bstd::(?:recursive_|shared_|timed_)*mutex\b|\bstd::(?:lock_guard|unique_lock|scoped_lock|shared_lock|"
         r"condition_variable(?:_any)?)\b|\bpthread_(?:mutex|rwlock|cond)_\w+",
         "post to an io::Mailbox, or publish a shared_ptr<const …> snapshot", ("io",)),
    Word(r"\bstd::(?:jthread|thread)\b(?!::id)|\bpthread_create\b",
         "an object lives on its Reactor; slow disk work goes to io's disk thread", ("io", "broker", "bench")),
    Word(r"\bstd::(?:async|future|promise|packaged_task)\b", "post to an io::Mailbox"),
    Word(r"\b(?:sleep_for|sleep_until|usleep|nanosleep|clock_nanosleep)\s*\(|(?<![\w:.>])(?:::)?sleep\s*\(",
         "arm a timer of io::Loop", ("io",)),
    Word(r"\bgetenv\s*\(", "a setting belongs in config's table, which reads the environment once", ("config", "felix")),
    Word(r"(?<![\w.>])(?:system|popen)\s*\(|\bvfork\s*\(", "no shell: call the system call or the library"),
    # The C library's sharp edges.
    Word(r"\bv?sprintf\s*\(", "fmt::format_to_n, which knows the room"),
    Word(r"\b(?:strcpy|strcat|strncpy|strncat|stpcpy|gets)\s*\(", "std::string, or a copy into a std::span"),
    Word(r"\b(?:strtok|asctime|ctime|localtime|gmtime)\s*\(", "its answer is shared between threads; use the _r form"),
    Word(r"\b(?:atoi|atol|atoll|atof|strtol|strtoul|strtoll|strtoull|strtod|sscanf|std::sto[a-z]+)\s*\(",
         "std::from_chars, which reports what it did not read"),
    Word(r"\balloca\s*\(", "a fixed buffer, or flow::FramePool"),
    # The language's ways we chose not to take.
    Word(r"(?<!static_)\bassert\s*\(", "FELIX_ASSERT, which is alive in release"),
    Word(r"\bthrow\b(?!\s+std::bad_alloc)", "return felix::Error"),
    Word(r"\bstd::regex\b", "write the few lines of parser"),
    Word(r"\bvirtual\b", "the seams are flow::Port, io::Disk, io::Clock; elsewhere std::function or a template",
         ("src/flow/port.h", "src/io/disk.h", "src/io/clock.h")),
    Word(r"\bdynamic_cast\b|\btypeid\b", "a std::variant"),
    Word(r"\bstd::(?:cout|cerr|clog|endl)\b", "telemetry's log; felix/ writes to its file descriptors"),
    Word(r"(?<![\w:.>])(?:std::)?(?:printf|puts|putchar|perror)\s*\(", "telemetry's log; felix/ prints", ("felix",)),
    Word(r"(?m)^using\s+namespace\b", "name what is used, or say it inside the function"),
    Word(r"\b(?:co_await|co_yield|co_return)\b", "a state machine: callbacks and run-to-completion"),
    Word(r"\b(?:TODO|FIXME|XXX)\b", "finish it, or open an issue", anywhere=True),
]

PURE_WORDS = [
    Word(r"\bstd::(?:mt19937(?:_64)?|default_random_engine|uniform_\w+_distribution)\b",
         "a pure module is given its random numbers"),
    Word(r"(?<![\w:.>])(?:::)(?:open|read|write|close|send|recv|sendmsg|recvmsg|socket|mmap|poll|fsync|fdatasync)\s*\(",
         "a pure module makes no system call"),
    Word(r"\bf(?:open|read|write|close|flush)\s*\((?!.*\bstderr\b)", "a pure module touches no file"),
]
