#!/usr/bin/env python3
"""Runs the console blocks of a paper that are marked `<!-- session: … -->` and compares what each command prints.

usage: session.py FILE    a line "$ command" is run by bash in the present folder; the lines up to the next are its output.
"""
import re
import subprocess
import sys

BLOCK = re.compile(r"^<!-- session:[^\n]*-->\n```console\n(.*?)^```", re.M | re.S)


def commands(block):
    for part in re.split(r"^\$ ", block, flags=re.M)[1:]:
        command, _, output = part.partition("\n")
        yield command, output


def main():
    with open(sys.argv[1], encoding="utf-8") as paper:
        blocks = BLOCK.findall(paper.read())
    ran = 0
    for block in blocks:
        for command, expected in commands(block):
            done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, timeout=60, check=False)
            if done.returncode != 0 or done.stdout != expected:
                sys.exit(f"$ {command}\nexit code {done.returncode}, printed\n{done.stdout}{done.stderr}instead of\n{expected}")
            ran += 1
    print(f"{ran} commands did what {sys.argv[1]} says")
    sys.exit(0 if ran else 1)


main()
