#!/usr/bin/env python3
"""Runs what docs/seeds.md says to type, in its order, on a fresh backbone."""
import os
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "test"))
from support.backbone import Backbone, SINGULARITY  # noqa: E402


def main():
    blocks = re.findall(r"```sh\n(.*?)```", (ROOT / "docs/seeds.md").read_text(), re.DOTALL)
    with Backbone() as backbone:
        environment = {**backbone.environment, "PATH": f"{pathlib.Path(SINGULARITY).parent}:{os.environ['PATH']}",
                       "PAGER": "cat"}
        script = 'psql() { command psql -X -v ON_ERROR_STOP=1 "$@"; }\n' + "".join(blocks)
        return subprocess.run(["bash", "-euo", "pipefail", "-xc", script], env=environment, timeout=300).returncode


if __name__ == "__main__":
    sys.exit(main())
