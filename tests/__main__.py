"""`python -m tests`: the whole suite, each folder in a process of its own. What one loads or leaves behind meets no other:
a browser's event loop, a page's native libraries, the memory of a network in training."""

import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent


def main() -> int:
    folders = sorted({path.relative_to(HERE).parts[0] for path in HERE.rglob("test_*.py")})
    failed = []
    for folder in folders:
        print(f"\n=== tests/{folder}", flush=True)
        if subprocess.run([sys.executable, "-m", "pytest", str(HERE / folder), *sys.argv[1:]], check=False).returncode:
            failed.append(folder)
    print(f"\n{len(folders)} folders, failed: {', '.join(failed) or 'none'}")
    return bool(failed)


if __name__ == "__main__":
    sys.exit(main())
