"""A home for one test, run by a backbone whose services do as they are told (backbone.cpp)."""
import atexit
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from support.backbone import kill_hard, wait_until  # noqa: E402,F401
from support.evidence import evidence_of  # noqa: E402

BINARY = os.environ["SINGULARITY_BIN"]
SERVICES = ["centralcloud", "singularity", "genesis", "nexus"]
AS_ROOT = os.geteuid() == 0
NOBODY = ["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups", "--"]

_templates = {}


def new_folder():
    folder = pathlib.Path(tempfile.mkdtemp(prefix="singularity-test."))
    folder.chmod(0o711)
    return folder


def copy_of_build(folder):
    """The program and its extensions in a folder of their own; returns the program."""
    build = pathlib.Path(BINARY).parents[1]
    if (build / "extensions/usr").is_dir():
        shutil.copytree(build / "extensions/usr", folder / "extensions/usr")
    (folder / "bin").mkdir()
    return shutil.copy(BINARY, folder / "bin/singularity")


def _template(user_prefix):
    """An initialised home that is not running; made once a process, for each user."""
    key = tuple(user_prefix)
    if key not in _templates:
        trial = Trial(user_prefix=user_prefix, initialised=False)
        atexit.register(shutil.rmtree, trial.folder, ignore_errors=True)
        trial.must("up", "--detach")
        trial.must("down")
        _templates[key] = trial.home
    return _templates[key]


class Trial:
    """Use as a context manager: leaving stops what runs and removes the home."""

    def __init__(self, user_prefix=(), initialised=True, binary=BINARY):
        self.folder = new_folder()
        self.home = self.folder / "home"
        self.prefix = list(user_prefix)
        self.binary = binary
        if self.prefix:
            shutil.chown(self.folder, "nobody", "nogroup")
            self.binary = copy_of_build(self.folder)  # the build may lie where nobody may go
        kept = {name: value for name, value in os.environ.items()
                if not name.startswith(("PG", "SINGULARITY_", "XDG_"))}
        self.environment = {**kept, "SINGULARITY_HOME": str(self.home), "SINGULARITY_HTTP": "127.0.0.1:0",
                            "HOME": str(self.folder)}
        if initialised:
            subprocess.run(["cp", "-a", _template(self.prefix), self.home], check=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.run("down")
        for pid in self.processes():
            kill_hard(pid)
        shutil.rmtree(self.folder, ignore_errors=True)

    def reset(self):
        """Stopped, with nothing of the last test in it."""
        self.must("down")
        for told in self.home.glob("state/behaviour.*"):
            told.unlink()
        for log in self.home.glob("log/*"):
            log.unlink()

    def keep_a_row(self):
        self.sql("drop table if exists kept; create table kept as select 42 as answer")

    def has_kept_the_row(self):
        return self.sql("select answer from kept") == "42"

    def command(self, *arguments):
        return [*self.prefix, self.binary, *map(str, arguments)]

    def run(self, *arguments, timeout=120):
        return subprocess.run(self.command(*arguments), env=self.environment, cwd="/", capture_output=True, text=True,
                              timeout=timeout, stdin=subprocess.DEVNULL)

    def must(self, *arguments):
        done = self.run(*arguments)
        assert done.returncode == 0, f"{arguments}: exit {done.returncode}\n{done.stdout}{done.stderr}"
        return done.stdout

    def start(self):
        self.must("up", "--detach")
        return self

    def behave(self, service, behaviour):
        """What the service does from its next start on."""
        (self.home / "state" / f"behaviour.{service}").write_text(behaviour)

    def status(self):
        return json.loads(self.run("status", "--json").stdout)

    def part(self, name):
        return next((each for each in self.status()["services"] if each["name"] == name), {})

    def pid(self, name):
        return self.part(name).get("pid")

    def evidence(self):
        return evidence_of(self.home, self.run("status", "--json").stdout)

    def wait_for_state(self, state, seconds=60):
        wait_until(lambda: self.status()["state"] == state, seconds, f"the backbone is {state}", self.evidence)

    def wait_for_part(self, name, state, seconds=60):
        wait_until(lambda: self.part(name).get("state") == state, seconds, f"{name} is {state}", self.evidence)

    def wait_for_another(self, name, pid):
        """Until the part runs and is healthy as another process."""
        def another():
            part = self.part(name)
            return part.get("state") == "healthy" and part["pid"] != pid
        wait_until(another, 60, f"another {name} than {pid}", self.evidence)

    def sql(self, statement):
        done = subprocess.run([*self.prefix, "psql", "-XAtq", self.must("url", "admin").strip(), "-c", statement],
                              env=self.environment, cwd="/", capture_output=True, text=True, timeout=30)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def log(self, name):
        return (self.home / "log" / f"{name}.log").read_text()

    def processes(self):
        """Every process that was started for this home, by its working folder or its environment."""
        home = str(self.home).encode()
        return [int(folder.name) for folder in pathlib.Path("/proc").glob("[0-9]*") if _names(folder, home)]

    def kernel_objects(self):
        """What the running server holds in the kernel: its System V segment and its POSIX segments."""
        pid_file = (self.home / "pg/postmaster.pid").read_text().splitlines()
        maps = pathlib.Path(f"/proc/{pid_file[0]}/maps").read_text()
        return int(pid_file[6].split()[1]), set(re.findall(r"/dev/shm/PostgreSQL\.\d+", maps))

    def leftovers(self, kernel_objects=None):
        """What is still there, after `down`."""
        left = [f"process {pid}" for pid in self.processes()]
        folders = [self.home, pathlib.Path(os.path.realpath(self.home / "state/sockets"))]
        left += [str(path) for folder in folders if folder.is_dir() for path in folder.iterdir() if path.is_socket()]
        left += [str(path) for path in self.home.glob("pg/postmaster.pid")]
        sockets = pathlib.Path(os.path.realpath(self.home / "state/sockets"))
        left += [str(sockets)] if sockets.is_dir() and sockets != self.home else []
        if kernel_objects:
            segment, shared = kernel_objects
            rows = [line.split() for line in pathlib.Path("/proc/sysvipc/shm").read_text().splitlines()[1:]]
            left += [f"System V segment {segment}" for row in rows if int(row[1]) == segment]
            left += [path for path in shared if os.path.exists(path)]
        return left


def _names(process, home):
    try:
        return os.readlink(process / "cwd").encode().startswith(home) or \
            b"SINGULARITY_HOME=" + home + b"\0" in (process / "environ").read_bytes()
    except OSError:
        return False
