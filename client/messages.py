"""What is said to the user, on the standard error: results alone go to the standard output."""

from rich.console import Console

ERRORS = Console(stderr=True, highlight=False, markup=False, soft_wrap=True)


def say(message: str, style: str = "") -> None:
    """Prints a line, which may hold anything: it is not read as markup."""
    ERRORS.print(message, style=style)
