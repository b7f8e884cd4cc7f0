"""Files of the repository inside the pages, so that nothing is written twice.

A line `<!-- include: PATH -->` of a page becomes the Markdown file of that path; `<!-- include: PATH#anchor -->` becomes the
section with that heading; a PATH that is no Markdown becomes a block of code. `model_store/newest` is the newest release. Links
in what is included are made relative to the page.
"""

import os
import re
import sys
from pathlib import Path

from markdown.extensions.toc import slugify

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))  # the `mkdocs` command has another folder there

from config.serve import STORE, newest_release  # noqa: E402

INCLUDE = re.compile(r"^<!-- include: ([^\s#]+)(?:#(\S+))? -->$", re.MULTILINE)
HEADING = re.compile(r"^(#+) +(.+?) *$")
FENCE = re.compile(r"^ *```")
LINK = re.compile(r"(\]\()([^)#:\s]+)(#[^)\s]*)?(\))")
LANGUAGES = {".py": "python", ".yaml": "yaml"}


def on_page_markdown(markdown: str, page, **_) -> str:
    """Puts in what a page includes."""
    folder = Path(page.file.abs_src_path).parent
    level = 1 if INCLUDE.match(markdown.lstrip()) else 2  # the file's title is the page's where the page has no other
    return INCLUDE.sub(lambda found: included(found[1], found[2], folder, level), markdown)


def included(name: str, anchor: str | None, folder: Path, level: int) -> str:
    """The text of an include, for a page in `folder`, its highest heading at `level`.

    Raises:
        FileNotFoundError, LookupError: there is no such file, or no such section in it.
    """
    path = ROOT / name.replace("model_store/newest", newest_release(STORE).relative_to(ROOT).as_posix())
    text = path.read_text()
    if path.suffix != ".md":
        return f"```{LANGUAGES[path.suffix]}\n{text.rstrip()}\n```"
    lines = section(text, anchor) if anchor else text.splitlines()
    return "\n".join(moved(line, path.parent, folder) for line in at_level(lines, level)).strip()


def section(text: str, anchor: str) -> list[str]:
    """The lines below the heading with an anchor, up to the next one of its level."""
    found: list[str] = []
    inside = None
    for line, heading in with_headings(text.splitlines()):
        if inside and heading and len(heading[1]) <= inside:
            return found
        if inside:
            found.append(line)
        elif heading and slugify(heading[2], "-") == anchor:
            inside = len(heading[1])
    if not inside:
        raise LookupError(f"there is no section #{anchor}")
    return found


def at_level(lines: list[str], level: int) -> list[str]:
    """The lines with their headings moved such that the highest is at `level`."""
    marked = list(with_headings(lines))
    highest = min((len(heading[1]) for _, heading in marked if heading), default=level)
    return [("#" * (level - highest) + line if level > highest else line) if heading else line for line, heading in marked]


def with_headings(lines: list[str]):
    """Each line and the match of its heading; None for text, and for comments in code."""
    in_code = False
    for line in lines:
        in_code ^= bool(FENCE.match(line))
        yield line, None if in_code else HEADING.match(line)


def moved(line: str, source: Path, folder: Path) -> str:
    """The line with links relative to `source` made relative to `folder`."""
    return LINK.sub(lambda found: f"{found[1]}{os.path.relpath(source / found[2], folder)}{found[3] or ''}{found[4]}", line)
