#!/usr/bin/env python3
"""Every path the papers name exists: links, anchors, and files named in `code spans`.

usage: links_test.py [ROOT]    prints one line per dead end; exits 1 if there is any.

In a code span a path counts when its first folder is one of the tree or a module of src/, or when the paper is a folder's
README and the span is a bare file name of code. `*` stands for any name.
"""
import re
import sys
from pathlib import Path

TOP = {"completions", "docs", "examples", "felix", "man", "scripts", "src", "tests", "vectors", ".ci"}
NOT_PATHS = {"felix/1"}  # a protocol identifier
CODE_FILE = re.compile(r"[\w.][\w*.-]*\.(h|cc|c|py|sh|cmake|js)")
FENCE = re.compile(r"^```.*?^```", re.M | re.S)


def anchors_of(text):
    """The names GitHub and its like give to headings."""
    for heading in re.findall(r"^#+ +(.+)$", FENCE.sub("", text), re.M):
        plain = re.sub(r"[`*]|\[([^\]]*)\]\([^)]*\)", r"\1", heading).strip().lower()
        yield re.sub(r"[^\w\- ]", "", plain).replace(" ", "-")


def exists(root, pattern):
    pattern = pattern.rstrip("/")
    return bool(list(root.glob(pattern))) if "*" in pattern else (root / pattern).exists()


def named_path(root, paper, modules, span):
    """The path a code span names, relative to the root; None when it names none."""
    if span in NOT_PATHS or not re.fullmatch(r"[\w./*-]+", span):
        return None
    first = span.split("/")[0]
    if "/" in span:
        if first in TOP:
            return span
        return f"src/{span}" if first in modules else None
    if paper.name == "README.md" and paper.parent != root and CODE_FILE.fullmatch(span):
        return str(paper.parent.relative_to(root) / span)
    return None


def check(root, paper, modules):
    text = paper.read_text(encoding="utf-8")
    fences_blank = FENCE.sub(lambda m: re.sub(r"[^\n]", " ", m[0]), text)
    for match in re.finditer(r"\[[^\]]*\]\(([^)\s]+)\)", fences_blank):
        target, _, anchor = match[1].partition("#")
        if re.match(r"[a-z]+:", target):
            continue
        file = (paper.parent / target).resolve() if target else paper
        if not file.exists():
            yield match.start(), f"link to {match[1]}: there is no such file"
        elif anchor and file.suffix == ".md" and anchor not in anchors_of(file.read_text(encoding="utf-8")):
            yield match.start(), f"link to {match[1]}: there is no such heading"
    for match in re.finditer(r"`([^`\n]+)`", fences_blank):
        path = named_path(root, paper, modules, match[1])
        if path and not exists(root, path):
            yield match.start(), f"`{match[1]}`: there is no {path}"


def main():
    root = Path(sys.argv[1] if len(sys.argv) > 1 else ".").resolve()
    modules = {folder.name for folder in (root / "src").iterdir() if folder.is_dir()}
    papers = [p for p in root.rglob("*.md") if p.relative_to(root).parts[0] not in ("build", ".git")]
    dead = 0
    for paper in sorted(papers):
        for position, what in check(root, paper, modules):
            line = paper.read_text(encoding="utf-8").count("\n", 0, position) + 1
            print(f"{paper.relative_to(root)}:{line}: {what}")
            dead += 1
    print(f"{len(papers)} papers, {dead} dead ends")
    sys.exit(1 if dead or not papers else 0)


main()
