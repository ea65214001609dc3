#!/usr/bin/env python3
"""Measures what a record costs, without a clock, and compares it with budgets.txt (see README.md beside this file).

usage: check.py --program FELIX_COST [--workload NAME]... [--budgets FILE] [--update] [--keep DIRECTORY]

  --program   the felix_cost of a release build
  --workload  only these; all without it
  --update    write what was measured as the new budgets instead of comparing
  --keep      leave callgrind's files there, for callgrind_annotate

Exits 0 when nothing is over its budget, 1 when something is, 77 where the budgets say nothing (not x86-64).
"""
import argparse
import platform
import re
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

SIDES = ("broker", "client")
SKIPPED = 77
# A packet that comes late on a busy machine costs a turn more, never less: the least of these many runs counts.
ATTEMPTS = 3


@dataclass(frozen=True)
class Metric:
    name: str
    margin: float  # of the budget: what compilers, libraries and kernels may differ by
    slack: float  # what is added to that, per record: no more than a few events in a whole run
    digits: int

    def limit(self, budget):
        return budget * (1 + self.margin) + self.slack


METRICS = (
    Metric("instructions", 0.08, 0, 0),
    Metric("syscalls", 0.08, 0.003, 4),
    Metric("allocations", 0.08, 0.01, 3),
    Metric("copied-bytes", 0.12, 8, 0),
)

REMEDY = """\
A record costs more than it did. What costs: scripts/cost --keep DIRECTORY, then callgrind_annotate on the workload's file
there, and on one of the state before. If the price is worth paying, scripts/cost --update, and say why in the commit.
Nothing here depends on the speed or load of the machine (tests/cost/README.md)."""


def inclusive_costs(lines, functions):
    """{function: {event: cost}} of all calls of `functions`, from the lines of a callgrind file."""
    events, names, called = [], {}, None
    costs = {}
    take = False
    for line in lines:
        if line.startswith("events:"):
            events = line.split()[1:]
            costs = {function: dict.fromkeys(events, 0) for function in functions}
        elif match := re.match(r"(c?fn)=\((\d+)\)(?: (.*))?$", line.rstrip("\n")):
            if match[3]:
                names[match[2]] = match[3]
            if match[1] == "cfn":
                called = names[match[2]]
        elif line.startswith("calls="):
            take = called in costs
        elif take:
            # The line after calls= is where they were made, and what they cost with all they called.
            for event, count in zip(events, line.split()[1:]):
                costs[called][event] += int(count)
            take = False
    return costs


def run(program, workload, directory):
    """{(side, metric): cost per record} of one run under callgrind."""
    output = Path(directory) / f"{workload}.callgrind"
    functions = {side: f"felix_cost_{side}_turn" for side in SIDES}
    command = ["valgrind", "-q", "--tool=callgrind", f"--callgrind-out-file={output}", "--collect-systime=usec",
               *(f"--toggle-collect={function}" for function in functions.values()), str(program), workload]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300)
    if done.returncode != 0:
        sys.exit(f"cost: {' '.join(command)} failed:\n{done.stderr}{done.stdout}")
    counted = dict(line.rsplit(" ", 1) for line in done.stdout.splitlines())
    with open(output, encoding="utf-8") as file:
        costs = inclusive_costs(file, functions.values())
    records = int(counted["records"])
    measured = {}
    for side, function in functions.items():
        measured[side, "instructions"] = costs[function]["Ir"] / records
        measured[side, "syscalls"] = costs[function]["sysCount"] / records
        for name in ("allocations", "copied-bytes"):
            measured[side, name] = int(counted[f"{side} {name}"]) / records
    return measured


def over(budget, measured):
    """The (side, metric) of `measured` that are over their limit."""
    return [(side, metric) for side in SIDES for metric in METRICS
            if measured[side, metric.name] > metric.limit(budget[side, metric.name])]


def measure(program, workload, directory, budget):
    """The least of a few runs; one suffices when it is within the budget."""
    least = None
    for _ in range(ATTEMPTS):
        measured = run(program, workload, directory)
        least = measured if least is None else {key: min(least[key], measured[key]) for key in measured}
        if budget is not None and not over(budget, least):
            break
    return least


def read_budgets(text):
    """{workload: {(side, metric): budget}}"""
    budgets = {}
    for line in text.splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        workload, side, *figures = line.split()
        for metric, figure in zip(METRICS, figures, strict=True):
            budgets.setdefault(workload, {})[side, metric.name] = float(figure)
    return budgets


def row(workload, side, figures):
    return f"{workload:24} {side:7}" + "".join(f" {figure:>16}" for figure in figures)


def budget_lines(workload, measured):
    return [row(workload, side, (f"{measured[side, metric.name]:.{metric.digits}f}" for metric in METRICS))
            for side in SIDES]


def table_line(workload, side, measured, budget):
    """Each figure with its distance from the budget."""
    def cell(metric):
        figure, wanted = measured[side, metric.name], budget[side, metric.name]
        distance = f"{100 * (figure - wanted) / wanted:+.0f}%" if wanted else "new"
        return f"{figure:,.{metric.digits}f} {distance:>5}"
    return row(workload, side, map(cell, METRICS))


def complaints(workload, measured, budget):
    for side, metric in over(budget, measured):
        figure, wanted = measured[side, metric.name], budget[side, metric.name]
        yield (f"cost: {workload}: {metric.name} per record of the {side}: {figure:,.{metric.digits}f}, "
               f"the budget is {wanted:,.{metric.digits}f} and ends at {metric.limit(wanted):,.{metric.digits}f}")


def cheaper(measured, budget):
    """Whether something became so cheap that the budget no longer guards it."""
    return any(metric.limit(measured[side, metric.name]) < budget[side, metric.name]
               for side in SIDES for metric in METRICS)


def write_budgets(path, old_text, measured):
    """Replaces the lines of what was measured and keeps everything else."""
    kept = [line for line in old_text.splitlines()
            if line.startswith("#") or (line.split() and line.split()[0] not in measured)]
    fresh = [line for workload, figures in measured.items() for line in budget_lines(workload, figures)]
    path.write_text("\n".join(kept + fresh) + "\n", encoding="utf-8")


def check(arguments, directory):
    text = arguments.budgets.read_text(encoding="utf-8")
    budgets = read_budgets(text)
    known = subprocess.run([arguments.program], capture_output=True, text=True, check=True).stdout.split()
    failures, cheap, found = [], [], {}
    print(row("per record, of each side", "", (metric.name for metric in METRICS)))
    for workload in arguments.workload or known:
        if workload not in budgets and not arguments.update:
            sys.exit(f"cost: {workload} has no budget in {arguments.budgets}; give it one: scripts/cost --update")
        budget = None if arguments.update else budgets[workload]
        measured = found[workload] = measure(arguments.program, workload, directory, budget)
        for side in SIDES:
            print(table_line(workload, side, measured, budgets.get(workload, measured)), flush=True)
        if not arguments.update:
            failures += complaints(workload, measured, budget)
            cheap += [workload] if cheaper(measured, budget) else []
    if arguments.update:
        write_budgets(arguments.budgets, text, found)
        print(f"cost: written to {arguments.budgets}; say in the commit what made the difference")
        return 0
    if cheap:
        print(f"cost: well under budget: {', '.join(cheap)}; scripts/cost --update keeps the gain")
    for failure in failures:
        print(failure, file=sys.stderr)
    if failures:
        print(REMEDY, file=sys.stderr)
    return 1 if failures else 0


def main():
    here = Path(__file__).parent
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("--program", type=Path, required=True)
    parser.add_argument("--workload", action="append")
    parser.add_argument("--budgets", type=Path, default=here / "budgets.txt")
    parser.add_argument("--update", action="store_true")
    parser.add_argument("--keep", type=Path)
    arguments = parser.parse_args()
    if platform.machine() != "x86_64":
        print(f"cost: the budgets are for x86-64, this is {platform.machine()}")
        return SKIPPED
    if not arguments.program.exists():
        sys.exit(f"cost: there is no {arguments.program}; build it: scripts/build release felix_cost")
    if shutil.which("valgrind") is None:
        sys.exit("cost: there is no valgrind; install it: scripts/deps --test")
    if arguments.keep:
        arguments.keep.mkdir(parents=True, exist_ok=True)
        return check(arguments, arguments.keep)
    with tempfile.TemporaryDirectory(prefix="felix-cost-") as directory:
        return check(arguments, directory)


if __name__ == "__main__":
    sys.exit(main())
