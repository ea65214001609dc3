#!/usr/bin/env python3
"""Reads the tree against the rules of the house: src/LAYERS, rooms, doors, words (see README.md beside this file).

usage: layers.py [ROOT]    prints one line per broken rule, with what to do instead; exits 1 if there is any.
"""
import re
import sys
from dataclasses import dataclass
from pathlib import Path

from words import PURE_WORDS, WORDS

MAX_LINES = 500
CODE = {".h", ".cc", ".c"}

# Open to every module: the C library and POSIX. A pure module may include only the first list.
HARMLESS_HEADERS = {"limits.h", "stdbool.h", "stddef.h", "stdint.h", "string.h"}
SYSTEM_HEADERS = re.compile(
    r"(arpa|asm|linux|net|netinet|sys)/\w+\.h|"
    r"(dirent|errno|fcntl|ifaddrs|netdb|poll|pthread|pwd|sched|signal|stdio|stdlib|syslog|termios|time|unistd)\.h")
IMPURE_STD_HEADERS = {
    "barrier", "condition_variable", "csignal", "ctime", "filesystem", "fstream", "future", "iostream", "istream", "latch",
    "mutex", "ostream", "random", "semaphore", "shared_mutex", "stop_token", "thread"}
BANNED_HEADERS = {  # why
    "format": "GCC 12 has none; use <fmt/format.h>",
    "iostream": "it costs start-up and hides errors; use telemetry, or write(2) in felix/",
    "print": "GCC 12 has none; use <fmt/format.h>",
    "regex": "it throws and recurses on input; write the few lines of parser",
}
OPEN_LIBRARIES = ("fmt/", "boost/container/", "boost/intrusive/", "boost/unordered/")


@dataclass
class Module:
    name: str
    layer: int
    uses: set
    doors: list
    pure: bool


def read_layers(text, problems):
    modules = {}
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        match = re.fullmatch(r"(\d+) (\w+)\s*:([^;]*);([^;]*)(?:;(.*))?", line)
        doors = match and re.fullmatch(r"\s*(?:door=(\S*))?\s*", match[4])
        if not match or not doors or (match[5] or "").strip() not in ("", "pure"):
            problems.append(f"src/LAYERS:{number}: not 'layer module : uses ; door=headers ; pure': {line}")
            continue
        modules[match[2]] = Module(match[2], int(match[1]), set(match[3].split()),
                                   [d for d in (doors[1] or "").split(",") if d], (match[5] or "").strip() == "pure")
    for module in modules.values():
        for used in sorted(module.uses):
            if used not in modules:
                problems.append(f"src/LAYERS: {module.name} names {used}, which has no line")
            elif modules[used].layer >= module.layer:
                problems.append(f"src/LAYERS: {module.name} (layer {module.layer}) names {used} (layer "
                                f"{modules[used].layer}): only lower layers may be used; move what is shared down")
    return modules


TOKEN = re.compile(r'//[^\n]*|/\*.*?\*/|R"([^()\\\s]{0,16})\(.*?\)\1"|"(?:\\.|[^"\\\n])*"|'
                   r"(?<![0-9a-fA-F])'(?:\\.|[^'\\\n])+'", re.DOTALL)


def blank(match):
    return re.sub(r"[^\n]", " ", match[0])


def without_comments(text):
    return TOKEN.sub(lambda m: blank(m) if m[0].startswith("/") else m[0], text)


def code_only(text):
    """Comments and literals blanked, lines kept."""
    return TOKEN.sub(blank, text)


def includes_of(text):
    for match in re.finditer(r'^[ \t]*#[ \t]*include[ \t]*(?:<([^>]+)>|"([^"]+)")', without_comments(text), re.M):
        yield text.count("\n", 0, match.start()) + 1, match[1], match[2]


def check_include(module, modules, angled, quoted):
    """The sentence that says what is wrong with one #include, or None."""
    if quoted is not None:
        target = quoted.split("/")[0]
        if "/" not in quoted or target not in modules:
            return f'"{quoted}": write our own headers as "module/file.h"'
        if target == module.name or target in module.uses:
            return None
        if modules[target].layer >= module.layer:
            way = "sideways" if modules[target].layer == module.layer else "upward"
            return (f'"{quoted}": {way} edge, {module.name} is layer {module.layer} and {target} is layer '
                    f"{modules[target].layer}; take a callback, or move what is shared down")
        return f'"{quoted}": src/LAYERS does not let {module.name} use {target}'
    for owner in modules.values():
        if any(angled.startswith(door) for door in owner.doors):
            return None if owner.name == module.name else f"<{angled}>: its only door is {owner.name}; use that module"
    if angled.startswith(OPEN_LIBRARIES):
        return None
    if angled in BANNED_HEADERS:
        return f"<{angled}>: {BANNED_HEADERS[angled]}"
    if re.fullmatch(r"[a-z_0-9]+", angled):
        if module.pure and angled in IMPURE_STD_HEADERS:
            return f"<{angled}>: {module.name} is pure: it is given bytes and `now`"
        return None
    if angled in HARMLESS_HEADERS:
        return None
    if SYSTEM_HEADERS.fullmatch(angled):
        return f"<{angled}>: {module.name} is pure: it names no system header" if module.pure else None
    return f"<{angled}>: a third-party header without a door; src/LAYERS names none for it"


def check_words(module, path, text):
    words = WORDS + (PURE_WORDS if module.pure else [])
    code = code_only(text)
    for word in words:
        if module.name in word.allowed or path in word.allowed:
            continue
        for match in re.finditer(word.pattern, text if word.anywhere else code):
            shown = " ".join(match[0].split())
            yield text.count("\n", 0, match.start()) + 1, f"`{shown}`: {word.instead}"


def check_file(root, path, module, modules):
    text = (root / path).read_text(encoding="utf-8")
    for number, angled, quoted in includes_of(text):
        wrong = check_include(module, modules, angled, quoted)
        if wrong:
            yield number, wrong
    yield from check_words(module, path, text)
    lines = text.count("\n")
    if lines > MAX_LINES:
        yield lines, f"{lines} lines: no room has more than {MAX_LINES}; split it by event or by idea"
    if path.endswith(".h") and "#pragma once" not in text:
        yield 1, "a header starts with #pragma once"


def cmake_calls(text):
    """(command, its first argument, all its arguments) for every call outside comments."""
    text = re.sub(r"#[^\n]*", "", text)
    for match in re.finditer(r"(\w+)\s*\(([^()]*)\)", text):
        arguments = match[2].split()
        yield match[1], arguments[0] if arguments else "", arguments[1:]


def check_cmake(text, code_files, tests, modules):
    listed, literal = {}, set()
    for command, name, arguments in cmake_calls(text):
        literal.update(arguments)
        folder = {"felix_module": "src", "felix_test": "tests"}.get(command)
        if folder is None:
            continue
        listed.setdefault((folder, name), set()).update(arguments)
        if command == "felix_module" and name in modules and "USES" in arguments:
            start = arguments.index("USES") + 1
            for used in arguments[start:]:
                if used == "LIBRARIES":
                    break
                if used not in modules[name].uses:
                    yield "CMakeLists.txt", f"felix_module({name}) links {used}, which src/LAYERS does not let it use"
    for path in code_files + tests:
        parts = path.split("/")
        inside = listed.get((parts[0], parts[1]), set()) if len(parts) > 2 else set()
        if not path.endswith(".h") and path not in literal and "/".join(parts[2:]) not in inside:
            yield path, "not listed in CMakeLists.txt: list it, or delete it"


def check(root):
    """Every broken rule of the tree at root, one line each."""
    problems = []
    modules = read_layers((root / "src/LAYERS").read_text(encoding="utf-8"), problems)
    code_files = sorted(str(p.relative_to(root)) for top in ("src", "felix") for p in (root / top).rglob("*")
                        if p.suffix in CODE)
    tests = sorted(str(p.relative_to(root)) for p in (root / "tests").rglob("*_test.cc"))
    homeless = set()
    for path in code_files:
        name = path.split("/")[1] if path.startswith("src/") else "felix"
        module = modules.get(name)
        if module is None:
            homeless.add(name)
            continue
        problems += [f"{path}:{number}: {what}" for number, what in check_file(root, path, module, modules)]
    problems += [f"src/{name}: no line in src/LAYERS: give the module its layer" for name in sorted(homeless)]
    for name in sorted({p.split("/")[1] for p in code_files if p.startswith("src/")} - homeless):
        if not (root / "src" / name / "README.md").is_file():
            problems.append(f"src/{name}: no README.md: say what it owns, what it doesn't, its files, its invariants")
    cmake = (root / "CMakeLists.txt").read_text(encoding="utf-8")
    problems += [f"{path}: {what}" for path, what in check_cmake(cmake, code_files, tests, modules)]
    return problems, len(code_files)


def main():
    root = Path(sys.argv[1] if len(sys.argv) > 1 else ".")
    problems, files = check(root)
    for problem in problems:
        print(problem)
    print(f"layers: {files} files, {len(problems)} broken rules")
    return 1 if problems or not files else 0


if __name__ == "__main__":
    sys.exit(main())
