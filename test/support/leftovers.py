"""What a stopped backbone may not leave: processes, sockets, pid files, shared memory."""
import pathlib


def _processes_of(home):
    """Every process whose command line, working folder or environment names the home."""
    needle = str(home).encode()
    found = []
    for folder in pathlib.Path("/proc").glob("[0-9]*"):
        try:
            command = (folder / "cmdline").read_bytes()
            environment = (folder / "environ").read_bytes()
        except OSError:
            continue
        if (needle in command or b"SINGULARITY_HOME=" + needle in environment) and _is_ours(command):
            found.append(f"process {folder.name}: {command.replace(bytes(1), b' ').decode(errors='replace')[:80]}")
    return found


def _is_ours(command):
    program = command.split(bytes(1))[0]
    return program.endswith((b"/singularity", b"/postgres", b"/exe")) or program.startswith(b"postgres")


def _segments_of(data):
    """System V segments of a data directory: their keys count up from its inode's number."""
    try:
        lines = pathlib.Path("/proc/sysvipc/shm").read_text().splitlines()[1:]
        inode = data.stat().st_ino
    except OSError:
        return []
    rows = [line.split() for line in lines]
    return [f"System V segment {row[1]}" for row in rows if 0 <= (int(row[0]) - inode) % 2**32 < 8]


def leftovers_of(home, sockets):
    """`sockets` is the backbone's socket folder."""
    home = pathlib.Path(home)
    left = _processes_of(home) + _segments_of(home / "pg")
    if (home / "pg/postmaster.pid").exists():
        left.append("pg/postmaster.pid")
    left += [f"socket {path}" for path in pathlib.Path(sockets).glob(".s.PGSQL.*")]
    if pathlib.Path(sockets) != home and pathlib.Path(sockets).exists():
        left.append(f"folder {sockets}")
    return left
