"""The figures as a page of markdown."""

from tests.bench.figures import Repeats, Spread
from tests.bench.goals import BUSY, Goal
from tests.bench.photos import COUNT
from tests.bench.plan import CONTESTANTS, FACE, KINDS, Cell

TITLES = {
    "predict": "Predictions",
    "explain": "Explanations as JSON",
    "overlay": "Explanations as JSON with the picture in it",
    "png": "Explanations as PNG",
}


def page(result: dict, goals: list[Goal]) -> str:
    """The whole page: goals first, then the tables, then who was measured, and where."""
    repeats = Repeats(result["repeats"])
    sections = [
        "# Benchmark",
        introduction(result),
        "## Goals\n\n" + goal_table(goals),
        *(f"## {TITLES[kind]}\n\n{table}" for kind in KINDS if (table := kind_table(repeats, kind))),
        "## CPU, starting, memory, open loop\n\n" + server_table(result),
        *([open_loop_line(result)] if any(repeat.get("open_loop") for repeat in result["repeats"]) else []),
        *([growth_lines(result)] if result.get("memory_growth") else []),
        "## Who\n\n" + contestant_list(result),
    ]
    return "\n\n".join(sections) + "\n"


def introduction(result: dict) -> str:
    """What was measured, where, with what, and how undisturbed."""
    machine, settings, photos = result["machine"], result["settings"], result["photos"]
    lines = [line for repeat in result["repeats"] for line in repeat["cells"]]
    foreign, generator = (Spread.of(line[key] for line in lines) for key in ("foreign_cores", "generator_cpu_ms"))
    sizes = ", ".join(f"{kb} kB at {size} px" for size, kb in photos["mean_kb"].items())
    faces = ", ".join(f"{count} at {size} px" for size, count in photos.get("with_face", {}).items())
    packages = ", ".join(f"{name} {version}" for name, version in machine["packages"].items())
    points = [
        f"{result['started']}, release {result['release']}, commit {machine['commit']}",
        f"{machine['cpu']}, {machine['usable_cores']} of {machine['cores']} cores ({', '.join(machine['flags'])}), "
        f"{machine['memory_gb']} GB; clients and servers share them",
        f"Python {machine['python']}, {machine['java']}, {packages}",
        f"{settings['repeats']} repeats, {settings['seconds']:g} s a measurement; figures are medians, with lowest and highest",
        f"{COUNT} JPEGs of {photos['different']} photo(s), {sizes}" + (f"; with a face: {faces}" if faces else ""),
    ]
    if foreign:
        points.append(
            f"the load generator took {spread(generator)} ms of CPU an answer, other programs {spread(foreign)} cores meanwhile"
        )
    return "\n".join(f"- {point}" for point in points)


def goal_table(goals: list[Goal]) -> str:
    rows = ["| goal | limit | measured | |", "|---|---|---|---|"]
    for goal in goals:
        limit = f"{'at least' if goal.at_least else 'at most'} {goal.limit:g} {goal.unit}"
        verdict = {True: "met", False: "**not met**", None: "not measured"}[goal.met]
        rows.append(f"| {goal.text} | {limit} | {spread(goal.spread, goal.unit)} | {verdict} |")
    return "\n".join(rows)


def kind_table(repeats: Repeats, kind: str) -> str:
    """Rows by size and contestant, columns by concurrency; empty where the kind was not measured."""
    measured = [(name, cell) for name, cell in repeats.cells() if cell.kind == kind]
    if not measured:
        return ""
    columns = sorted({cell.concurrency for _, cell in measured})
    rows = [
        "Requests a second, p50, and how many times as fast the service is.\n",
        "| px | | " + " | ".join(f"{clients} client{'s' if clients > 1 else ''}" for clients in columns) + " |",
        "|---|---|" + "---|" * len(columns),
    ]
    for size in sorted({cell.size for _, cell in measured}):
        for name in CONTESTANTS:
            if any((name, Cell(kind, size, clients)) in measured for clients in columns):
                entries = [entry(repeats, name, Cell(kind, size, clients)) for clients in columns]
                rows.append(f"| {size} | {name} | {' | '.join(entries)} |")
    return "\n".join(rows)


def entry(repeats: Repeats, name: str, cell: Cell) -> str:
    rate, p50 = repeats.spread(name, cell, "rate"), repeats.spread(name, cell, "p50_ms")
    failure = "**failed** " if repeats.failed(name, cell) else ""
    if rate is None:
        return failure.strip() or "–"
    text = f"{failure}{spread(rate)}, {number(p50.median)} ms"
    ratio = repeats.ratio((FACE, cell), (name, cell))
    return f"{text}, {ratio.median:.2f}x" if ratio and name != FACE else text


def server_table(result: dict) -> str:
    """CPU time depends less on what else runs on the machine than throughput does."""
    columns = ("CPU an answer, ms", "worker ready, s", "first answer, s", "heaviest worker, MB", "parent, MB", "together, MB")
    rows = [f"CPU at {BUSY}.\n", f"| | {' | '.join(columns)} |", "|---|" + "---|" * len(columns)]
    repeats = Repeats(result["repeats"])
    for name in result["contestants"]:
        starts = [repeat["start"].get(name, {}) for repeat in result["repeats"]]
        memories = [repeat["memory"].get(name, {}) for repeat in result["repeats"]]
        figures = [repeats.spread(name, BUSY, "server_cpu_ms")]
        figures += [Spread.of(start.get(key) for start in starts) for key in ("ready_s", "answer_s")]
        figures.append(Spread.of(max(memory.get("workers") or [None]) for memory in memories))
        figures += [Spread.of(memory.get(key) for memory in memories) for key in ("parent", "total")]
        rows.append(f"| {name} | {' | '.join(map(spread, figures))} |")
    return "\n".join(rows)


def open_loop_line(result: dict) -> str:
    loops = [repeat["open_loop"] for repeat in result["repeats"] if repeat.get("open_loop")]
    figures = {key: Spread.of(loop[key] for loop in loops) for key in ("offered_rate", "p50_ms", "p95_ms", "p99_ms")}
    errors = sum(sum(loop["errors"].values()) for loop in loops)
    text = (
        f"Open loop (Poisson arrivals at 70 % of the capacity of the same repeat, {spread(figures['offered_rate'])} req/s; "
        f"latency from the scheduled arrival): p50 {spread(figures['p50_ms'])} ms, p95 {spread(figures['p95_ms'])} ms, "
        f"p99 {spread(figures['p99_ms'])} ms"
    )
    return text + (f"; **{errors} errors**." if errors else ".")


def growth_lines(result: dict) -> str:
    rows = ["| requests since the start | workers, MB | Java, MB |", "|---|---|---|"]
    for line in result["memory_growth"]:
        workers = ", ".join(f"{size:.0f}" for size in line["workers_mb"])
        failure = f" (**errors: {line['errors']}**)" if line["errors"] else ""
        rows.append(f"| {line['requests']}{failure} | {workers} | {line['parent_mb']:.0f} |")
    return "\n".join(rows)


def contestant_list(result: dict) -> str:
    lines = [f"- **{name}**: {text}" for name, text in result["contestants"].items()]
    return "\n".join(lines + [f"- {name}: left out, {reason.splitlines()[0]}" for name, reason in result["left_out"].items()])


def spread(value: Spread | None, unit: str = "") -> str:
    """`120 (110-131)`, with the unit after the median."""
    if value is None:
        return "–"
    text = f"{number(value.median)}{' ' + unit if unit else ''}"
    return text if value.low == value.high else f"{text} ({number(value.low)}–{number(value.high)})"


def number(value: float) -> str:
    """Three digits that count."""
    return f"{value:.0f}" if abs(value) >= 100 else f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"
