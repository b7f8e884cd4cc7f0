"""The results as markdown."""

from tests.chaos.fault import ANSWER, RECOVERY, Result

HEAD = (
    "| fault | recovery | asked once | failed, all retryable | slowest | with the client's retries | lost | |",
    "|---|---|---|---|---|---|---|---|",
)


def page(results: list[Result]) -> str:
    """The table and, below it, what was noted."""
    lines = [
        "# Faults",
        "",
        f"Limits: recovery within {RECOVERY:g} s, every answer within {ANSWER:g} s, nothing lost. Photos were sent through the",
        "gateway, by clients that ask once and by the product's client, which tries again.",
        "",
        *HEAD,
        *(row(result) for result in results),
    ]
    notes = [f"- {result.title}: {'; '.join(result.notes)}" for result in results if result.notes]
    broken = [f"- **{result.title}**: {'; '.join(result.broken)}" for result in results if result.broken]
    for title, found in (("Noted:", notes), ("Broken:", broken)):
        if found:
            lines += ["", title, "", *found]
    return "\n".join(lines) + "\n"


def row(result: Result) -> str:
    if result.skipped or result.unseen:
        return f"| {result.title} | {'**broken**' if result.unseen else f'skipped: {result.skipped}'} | | | | | | |"
    failed = ", ".join(f"{count} x {outcome}" for outcome, count in sorted(result.failed.items())) or "0"
    cells = [
        result.title,
        "never" if result.recovery is None else f"{result.recovery:.1f} s",
        result.asked,
        failed,
        f"{result.slowest:.1f} s",
        result.retried,
        sum(result.lost.values()),
        "**broken**" if result.broken else "kept",
    ]
    return f"| {' | '.join(map(str, cells))} |"
