"""What benchmarks share: scratch folders, medians, and a verdict beside each goal."""

import statistics


def median_of(times, measure):
    return statistics.median(measure() for _ in range(times))


def verdict(what, value, unit, goal, smaller_is_better=True):
    """One line: the value, the goal and their ratio; above 1 the goal is missed."""
    ratio = value / goal if smaller_is_better else goal / value
    print(f"{what}: {value:.4g} {unit}; goal {goal:g} {unit}, ratio {ratio:.2f}{'' if ratio <= 1 else '  MISSED'}")
