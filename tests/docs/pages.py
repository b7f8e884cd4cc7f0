"""The pages of docs/ and the blocks of code in them.

A block of commands is run by the tests. One that cannot be has `<!-- not run: REASON -->` on the line above it.
"""

import re
from dataclasses import dataclass
from pathlib import Path

from config.server import ROOT

DOCS = ROOT / "docs"
PAGES = sorted(DOCS.glob("*.md"))
NOT_RUN = re.compile(r"<!-- not run: (.+) -->")
FENCE = re.compile(r"```(\w*)")


@dataclass(frozen=True)
class Block:
    """A fenced block.

    Attributes:
        line: of its opening fence, from 1.
        not_run: why the tests do not run it, or None.
    """

    page: Path
    line: int
    language: str
    text: str
    not_run: str | None

    def __str__(self) -> str:
        return f"{self.page.name}:{self.line}"


def blocks(page: Path) -> list[Block]:
    """All fenced blocks of a page."""
    found: list[Block] = []
    lines = page.read_text().splitlines()
    opened = None
    for number, line in enumerate(lines):
        if opened is None and (fence := FENCE.match(line)):
            opened, language = number, fence[1]
        elif opened is not None and line == "```":
            reason = NOT_RUN.fullmatch(lines[opened - 1])
            text = "\n".join(lines[opened + 1 : number])
            found.append(Block(page, opened + 1, language, text, reason and reason[1]))
            opened = None
    assert opened is None, f"{page} ends inside a block"
    return found


COMMANDS = [block for page in PAGES for block in blocks(page) if block.language == "sh"]
