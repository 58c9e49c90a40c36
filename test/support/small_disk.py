"""A file system of its own for a folder, small enough to be full. For who has a view of its own on what is mounted."""
import os
import shutil
import subprocess
import sys

from support.backbone import wait_until

WHOLE_SIZE = "4g"
UNSHARED = "SINGULARITY_TEST_UNSHARED"


def can_unshare():
    return os.geteuid() == 0 and bool(shutil.which("unshare")) and \
        subprocess.run(["unshare", "-m", "true"], capture_output=True, check=False).returncode == 0


def unshare():
    """This program again, with mounts that nobody else sees and that go with it. False where that can't be."""
    if UNSHARED in os.environ:
        return True
    if can_unshare():
        os.environ[UNSHARED] = "1"
        os.execvp("unshare", ["unshare", "-m", sys.executable, *sys.argv])
    return False


class SmallDisk:
    def __init__(self, folder):
        self.folder = folder
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={WHOLE_SIZE},mode=711", "tmpfs", folder], check=True)

    def resize(self, size):
        return subprocess.run(["mount", "-o", f"remount,size={size}", self.folder], capture_output=True,
                              check=False).returncode == 0

    def fill(self):
        """No larger than what is in it now: false where more has come meanwhile."""
        room = os.statvfs(self.folder)
        return self.resize((room.f_blocks - room.f_bfree) * room.f_frsize)

    def empty(self):
        wait_until(lambda: self.resize(WHOLE_SIZE), 10, "the disk has room again")

    def remove(self):
        """With the folder that it stood in, which could not be removed below it."""
        subprocess.run(["umount", "-l", self.folder], check=False)
        shutil.rmtree(self.folder.parent, ignore_errors=True)
