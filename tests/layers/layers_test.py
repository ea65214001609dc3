#!/usr/bin/env python3
"""Breaks each rule once in a small tree and expects layers.py to say so, and nothing else."""
import tempfile
import unittest
from pathlib import Path

import layers

RULES = """# comment
0 base  :            ; door=xxhash.h ; pure
1 flow  : base       ; ; pure
1 json  : base       ; door=boost/json ; pure
2 io    : base flow  ; door=sys/epoll.h,toml++/ ;
2 wire  : base flow  ; ; pure
7 felix : base io    ; door=CLI/ ;
"""
TREE = {
    "src/LAYERS": RULES,
    "src/base/a.h": "#pragma once\n#include <cstdint>\n",
    "src/base/a.cc": '#include "base/a.h"\n#include <xxhash.h>\n#include <fmt/format.h>\n',
    "src/flow/frame.h": '#pragma once\n#include "base/a.h"\n#include <atomic>\n',
    "src/io/loop.cc": '#include "base/a.h"\n#include "flow/frame.h"\n#include <sys/epoll.h>\n#include <unistd.h>\n'
                      "auto x = std::chrono::steady_clock::now();\nstd::mutex lock;\n",
    "src/wire/header.cc": "#include <string.h>\n",
    "felix/main.cc": "#include <CLI/CLI.hpp>\nint main() {}\n",
    "tests/base/a_test.cc": "",
    "CMakeLists.txt": "felix_module(base SOURCES a.cc)\nfelix_module(io SOURCES loop.cc USES base flow LIBRARIES other)\n"
                      "felix_module(wire SOURCES header.cc USES base)\nadd_executable(felix felix/main.cc)\n"
                      "felix_test(base SOURCES a_test.cc USES base)\n",
    **{f"src/{m}/README.md": m for m in ("base", "flow", "io", "wire")},
}


def problems_of(changes):
    """What the checker says of the sound tree with some files replaced (None removes one)."""
    with tempfile.TemporaryDirectory() as folder:
        for path, text in {**TREE, **changes}.items():
            if text is not None:
                (Path(folder) / path).parent.mkdir(parents=True, exist_ok=True)
                (Path(folder) / path).write_text(text, encoding="utf-8")
        return layers.check(Path(folder))[0]


class LayersTest(unittest.TestCase):
    def breaks(self, path, text, expected):
        """`text` in `path` is one broken rule, whose line contains `expected`; every file here is listed in CMake."""
        changes = {path: text}
        if path not in TREE and path.endswith(".cc"):
            changes["CMakeLists.txt"] = TREE["CMakeLists.txt"] + f"set(x {path})\n"
        problems = problems_of(changes)
        self.assertEqual(len(problems), 1, problems)
        self.assertIn(expected, problems[0])

    def keeps(self, path, text):
        self.assertEqual(problems_of({path: text, "CMakeLists.txt": TREE["CMakeLists.txt"] + f"set(x {path})\n"}), [])

    def test_a_sound_tree_has_no_problem(self):
        self.assertEqual(problems_of({}), [])

    def test_edges(self):
        self.breaks("src/base/b.cc", '#include "flow/frame.h"\n', "src/base/b.cc:1: \"flow/frame.h\": upward edge")
        self.breaks("src/wire/b.cc", '\n#include "io/loop.h"\n', "src/wire/b.cc:2: \"io/loop.h\": sideways edge")
        self.breaks("src/wire/b.cc", '#include "json/value.h"\n', "src/LAYERS does not let wire use json")
        self.breaks("src/base/b.cc", "  #  include \"felix/x.h\"\n", "upward edge")
        self.breaks("src/base/b.cc", '#include "a.h"\n', 'as "module/file.h"')
        self.breaks("src/base/b.cc", '#include "../flow/frame.h"\n', 'as "module/file.h"')
        self.keeps("src/base/b.cc", '// #include "flow/frame.h"\n/*\n#include "io/loop.h"\n*/\n')

    def test_doors(self):
        self.breaks("src/io/b.cc", "#include <xxhash.h>\n", "its only door is base")
        self.breaks("src/io/b.cc", "#include <boost/json/value.hpp>\n", "its only door is json")
        self.breaks("felix/b.cc", "#include <sys/epoll.h>\n", "its only door is io")
        self.breaks("src/io/b.cc", "#include <curl/curl.h>\n", "without a door")
        self.breaks("src/io/b.cc", "#include <zlib.h>\n", "without a door")
        self.keeps("src/io/b.cc", "#include <toml++/toml.hpp>\n#include <boost/unordered/unordered_flat_map.hpp>\n")

    def test_pure_modules(self):
        for header in ("thread", "mutex", "random", "ctime", "filesystem", "unistd.h", "time.h", "sys/socket.h"):
            self.breaks("src/wire/b.cc", f"#include <{header}>\n", "wire is pure")
        self.keeps("src/io/b.cc", "#include <random>\n#include <time.h>\n#include <sys/socket.h>\n")
        self.breaks("src/wire/b.cc", "std::mt19937_64 engine(1);\n", "given its random numbers")
        self.breaks("src/wire/b.cc", "auto n = ::read(0, p, 1);\n", "no system call")

    def test_words_name_their_replacement(self):
        for text, expected in (
                ("auto t = std::chrono::system_clock::now();", "io::Clock"),
                ("::clock_gettime(id, &at);", "io::Clock"),
                ("auto t = time(nullptr);", "io::Clock"),
                ("int x = rand();", "seed"), ("srand(7);", "seed"), ("std::random_device d;", "seed"),
                ("std::mutex m;", "io::Mailbox"), ("std::lock_guard guard(m);", "io::Mailbox"),
                ("std::thread t(f);", "Reactor"), ("std::jthread t(f);", "Reactor"), ("std::async(f);", "io::Mailbox"),
                ("std::this_thread::sleep_for(1s);", "timer"), ("sleep(1);", "timer"),
                ('getenv("HOME");', "config"), ('system("ls");', "no shell"),
                ("sprintf(b, f);", "format_to_n"), ("std::strcpy(a, b);", "std::string"), ("strtok(a, b);", "_r form"),
                ("int x = atoi(s);", "from_chars"), ("int x = std::stoi(s);", "from_chars"),
                ("assert(x);", "FELIX_ASSERT"), ("throw Oops();", "felix::Error"), ("std::regex r;", "parser"),
                ("virtual void f();", "seams"), ("dynamic_cast<A*>(b);", "std::variant"),
                ("std::cout << 1;", "telemetry"), ('printf("x");', "telemetry"),
                ("using namespace std;", "name what is used"), ("co_await x;", "state machine"),
                ("// TODO: later", "finish it")):
            with self.subTest(text):
                self.breaks("src/flow/b.cc", text + "\n", expected)

    def test_words_in_comments_literals_and_longer_names_are_fine(self):
        for text in ("// std::mutex, rand() and sprintf( are banned", 'auto s = "throw std::regex";', "snprintf(b, 1, f);",
                     'auto r = R"(std::mutex " virtual)";', "int strand(int);", "static_assert(true);", "clock.time(0);",
                     "static void rand(std::uint8_t* to, std::size_t bytes);", "std::thread::id owner;",
                     "localtime_r(&a, &b);", "int big = 1'000'000; char quote = '\"'; int more = 2;"):
            with self.subTest(text):
                self.keeps("src/flow/b.cc", text + "\n")
        self.breaks("src/flow/b.cc", "int big = 1'000; std::mutex m; int x = 2'000;\n", "io::Mailbox")

    def test_rooms(self):
        self.breaks("src/flow/b.cc", "//\n" * 501, "no room has more than 500")
        self.keeps("src/flow/b.cc", "//\n" * 500)
        self.breaks("src/flow/b.h", "int x;\n", "#pragma once")
        self.breaks("src/io/README.md", None, "src/io: no README.md")
        self.breaks("src/base/b.cc", "#include <regex>\n", "parser")
        self.breaks("src/base/b.cc", "#include <format>\n", "GCC 12")

    def test_cmake_knows_every_file_and_no_forbidden_link(self):
        for path in ("src/base/lost.cc", "felix/lost.cc", "tests/base/lost_test.cc", "src/flow/a.cc"):
            problems = problems_of({path: ""})
            self.assertEqual(problems, [f"{path}: not listed in CMakeLists.txt: list it, or delete it"])
        self.breaks("CMakeLists.txt", TREE["CMakeLists.txt"].replace("USES base)\nadd", "USES base json)\nadd"),
                    "felix_module(wire) links json")
        self.breaks("CMakeLists.txt", TREE["CMakeLists.txt"].replace("loop.cc", "# loop.cc\n"), "src/io/loop.cc: not listed")

    def test_the_rule_file_itself(self):
        self.breaks("src/LAYERS", RULES.replace("1 flow  : base ", "1 flow  : base json"), "flow (layer 1) names json")
        self.breaks("src/LAYERS", RULES.replace("7 felix : base io ", "7 felix : base io house"), "no line")
        self.breaks("src/LAYERS", RULES + "8 x : base ; gate=y ;\n", "not 'layer module")
        problems = problems_of({"src/common/a.h": "#pragma once\n"})
        self.assertEqual(problems, ["src/common: no line in src/LAYERS: give the module its layer"])


if __name__ == "__main__":
    unittest.main()
