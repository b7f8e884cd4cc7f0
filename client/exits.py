"""The exit codes of `face`."""

ANSWERED = 0
FAILED = 1
USAGE = 2  # the command-line parser's own
UNREACHABLE = 3

IN_WORDS = (
    f"Exit codes: {ANSWERED} all answered; {FAILED} some refused or failed; {USAGE} wrong usage; "
    f"{UNREACHABLE} service not reachable; 130 interrupted."
)
