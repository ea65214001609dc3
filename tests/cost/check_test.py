#!/usr/bin/env python3
"""What check.py makes of figures: no broker and no valgrind here."""
import tempfile
import unittest
from pathlib import Path

import check

CALLGRIND = """\
positions: line
events: Ir sysCount sysTime
fn=(1) felix::cost::Bed::measure()
12 400
cfn=(2) felix_cost_client_turn
calls=3 10
13 6000 12 99
cfi=(4)
cfn=(3) felix_cost_broker_turn
calls=3 20
+1 4000 9 50
fn=(2)
10 60
cfn=(5) other
calls=3 1
11 5940 12 99
fn=(7) felix::cost::Bed::somewhere_else()
cfn=(3)
calls=1 20
* 500
"""
FUNCTIONS = ("felix_cost_broker_turn", "felix_cost_client_turn")


def figures(**changes):
    """Of a workload that is on its budget, but for what is named, like broker_instructions=2000."""
    usual = {(side, metric.name): 1000.0 for side in check.SIDES for metric in check.METRICS}
    return usual | {tuple(name.replace("copied_bytes", "copied-bytes").split("_")): value
                    for name, value in changes.items()}


class Check(unittest.TestCase):
    def test_costs_are_those_of_every_call_with_all_it_called(self):
        costs = check.inclusive_costs(CALLGRIND.splitlines(keepends=True), FUNCTIONS)
        self.assertEqual(costs["felix_cost_client_turn"], {"Ir": 6000, "sysCount": 12, "sysTime": 99})
        self.assertEqual(costs["felix_cost_broker_turn"], {"Ir": 4500, "sysCount": 9, "sysTime": 50})

    def test_nothing_is_said_within_the_margins(self):
        for metric in check.METRICS:
            measured = figures(**{f"client_{metric.name.replace('-', '_')}": metric.limit(1000.0)})
            self.assertEqual(list(check.complaints("w", measured, figures())), [])

    def test_a_complaint_names_workload_side_metric_figure_budget_and_limit(self):
        for metric in check.METRICS:
            measured = figures(**{f"broker_{metric.name.replace('-', '_')}": 2000.0})
            [complaint] = check.complaints("fanout", measured, figures())
            for part in ("fanout", "broker", metric.name, "2,000", "1,000", f"{metric.limit(1000):,.0f}"):
                self.assertIn(part, complaint)

    def test_one_more_call_or_allocation_a_record_is_over_any_small_budget(self):
        for name in ("syscalls", "allocations"):
            budget = figures(**{f"broker_{name}": 0.02})
            self.assertTrue(check.over(budget, figures(**{f"broker_{name}": 1.02})))

    def test_the_least_of_a_few_runs_counts_and_one_is_enough_when_it_fits(self):
        late = figures(broker_syscalls=5000.0)
        for runs, used in (([figures(), late], 1), ([late, figures()], 2), ([late, late, late, figures()], 3)):
            rest = iter(runs)
            self.addCleanup(setattr, check, "run", check.run)
            check.run = lambda *_: next(rest)
            least = check.measure("program", "w", ".", figures())
            self.assertEqual(least, figures() if used < 3 else late)
            self.assertEqual(len(list(rest)), len(runs) - used)

    def test_a_budget_that_guards_nothing_any_more_is_noticed(self):
        self.assertFalse(check.cheaper(figures(), figures()))
        self.assertTrue(check.cheaper(figures(client_instructions=500.0), figures()))

    def test_an_update_keeps_remarks_and_other_workloads(self):
        old = "# remark\n" + "\n".join(check.budget_lines("a", figures()) + check.budget_lines("b", figures())) + "\n"
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "budgets.txt"
            check.write_budgets(path, old, {"b": figures(broker_instructions=7.0)})
            text = path.read_text(encoding="utf-8")
        self.assertTrue(text.startswith("# remark\n"))
        self.assertEqual(check.read_budgets(text), {"a": figures(), "b": figures(broker_instructions=7.0)})


if __name__ == "__main__":
    unittest.main()
