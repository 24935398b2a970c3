"""What one run measures, by the names of figures."""

from problem import Problem

# What one name of ONLY runs; some figures come from one and the same run.
PARTS = {
    "one_sku": ["one_sku"],
    "many_skus": ["many_skus"],
    "flood": ["flood"],
    "growth": ["growth"],
    "held": ["memory", "restart", "rebuild"],
    "failover": ["failover"],
    "verdict": ["verdict"],
}


def parts_of(only):
    """The parts that bring these cases, in the order of PARTS."""
    wanted = [name for name in only.split(",") if name]
    if unknown := [name for name in wanted if name not in PARTS and not any(name in cases for cases in PARTS.values())]:
        names = sorted({*PARTS, *(case for cases in PARTS.values() for case in cases)})
        raise Problem(f"no case {', '.join(unknown)}: there are {', '.join(names)}")
    return [part for part, cases in PARTS.items() if not wanted or part in wanted or set(cases) & set(wanted)]
