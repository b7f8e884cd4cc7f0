"""Links from a page to files of the repository: they work where the sources are read, and are no page of the site.

With a `repo_url` in mkdocs.yml they lead there; without one the site shows the path instead of a link.
"""

import os
import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
LINK = re.compile(r"\[([^\]]+)\]\(([^):\s]+)\)")


def on_page_markdown(markdown: str, page, config, **_) -> str:
    """Rewrites what leads to no page; a path that does not exist stays as it is, for mkdocs to complain of."""
    folder = Path(page.file.abs_src_path).parent

    def rewritten(found: re.Match) -> str:
        target, _, _ = found[2].partition("#")
        path = Path(os.path.normpath(folder / target))
        is_page = path.suffix == ".md" and path.is_relative_to(config.docs_dir)
        if not target or is_page or not path.exists():
            return found[0]
        name = path.relative_to(ROOT).as_posix()
        if config.repo_url:
            return f"[{found[1]}]({config.repo_url.rstrip('/')}/blob/main/{found[2].replace(target, name)})"
        return found[1] if name in found[1] else f"{found[1]} (`{name}`)"

    return LINK.sub(rewritten, markdown)
