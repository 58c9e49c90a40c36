#!/usr/bin/env python3
"""What cannot work is refused in one clear sentence, and nothing is half made."""
import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest

from trial import AS_ROOT, NOBODY, Trial


def fill(path):
    """Writes until the disk is full."""
    with open(path, "wb", buffering=0) as ballast:
        try:
            while True:
                ballast.write(bytes(4096))
        except OSError:
            pass


class Refusals(unittest.TestCase):
    def refused(self, trial, *parts, code=5):
        done = trial.run("up", "--detach")
        self.assertEqual(done.returncode, code, done.stderr)
        for part in parts:
            self.assertIn(part, done.stderr)
        self.assertEqual(trial.leftovers(), [])

    def test_a_data_directory_of_another_major_version(self):
        with Trial() as trial:
            (trial.home / "pg/PG_VERSION").write_text("16\n")
            self.refused(trial, "was made by PostgreSQL 16", "pg_upgrade", "/usr/lib/postgresql/16/bin")
            (trial.home / "pg/PG_VERSION").write_text("17\n")
            trial.start()

    def test_programs_that_are_not_there(self):
        with Trial(initialised=False) as trial:
            trial.environment["SINGULARITY_POSTGRES_BIN_DIR"] = "/nonexistent"
            self.refused(trial, "/nonexistent/postgres", "make deps")
            self.assertFalse(trial.home.exists())

    def test_a_folder_that_holds_something_else(self):
        with Trial(initialised=False) as trial:
            trial.home.mkdir()
            (trial.home / "thesis.tex").write_text("important")
            self.refused(trial, "thesis.tex", "--home")
            self.assertEqual(os.listdir(trial.home), ["thesis.tex"])

    def test_a_home_that_others_may_write_to(self):
        for mode in (0o1777, 0o775):
            with self.subTest(f"{mode:o}"), Trial(initialised=False) as trial:
                trial.home.mkdir()
                trial.home.chmod(mode)
                self.refused(trial, f"mode {mode:04o}", f"chmod go-w {trial.home}")
                self.assertEqual(os.listdir(trial.home), [])
                trial.home.chmod(mode & ~0o022)
                trial.start()

    def test_a_home_whose_path_settings_cannot_carry(self):
        with Trial(initialised=False) as trial:
            trial.environment["SINGULARITY_HOME"] = str(trial.folder / "a,b")
            self.refused(trial, "a,b", "character", code=2)

    def test_a_setting_that_the_server_does_not_know(self):
        with Trial() as trial:
            (trial.home / "operator.conf").write_text("no_such_setting = 1\n")
            self.refused(trial, "does not stay up", "no_such_setting", code=1)

    @unittest.skipUnless(AS_ROOT, "needs root")
    def test_a_home_that_the_dropped_user_cannot_enter(self):
        with Trial(initialised=False) as trial:
            trial.folder.chmod(0o700)
            self.refused(trial, "user postgres cannot enter", str(trial.folder), "chmod o+x")
            self.assertFalse(trial.home.exists())

    @unittest.skipUnless(AS_ROOT, "needs root")
    def test_a_home_of_somebody_else(self):
        with Trial(initialised=False) as trial:
            trial.home.mkdir()
            shutil.chown(trial.home, "nobody", "nogroup")
            self.refused(trial, "belongs to nobody", "would run as postgres")

    @unittest.skipUnless(AS_ROOT, "needs root, to be somebody else")
    def test_a_socket_path_that_is_too_long(self):
        with Trial(user_prefix=NOBODY, initialised=False) as trial:
            trial.environment["SINGULARITY_HOME"] = str(trial.folder / ("h" * 90))
            self.refused(trial, "at most 107 are possible", "--home", "XDG_RUNTIME_DIR")
            runtime = pathlib.Path(tempfile.mkdtemp(prefix="run."))
            try:
                shutil.chown(runtime, "nobody", "nogroup")
                trial.environment["XDG_RUNTIME_DIR"] = str(runtime)
                trial.start()
                trial.must("down")
            finally:
                shutil.rmtree(runtime)

    @unittest.skipUnless(AS_ROOT, "needs root, to be somebody else")
    def test_looking_into_somebody_elses_home(self):
        with Trial(user_prefix=NOBODY) as trial:
            trial.start()
            other = subprocess.run(["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups", "--",
                                    trial.binary, "down"], env=trial.environment, cwd="/", capture_output=True, text=True)
            self.assertEqual(other.returncode, 5)
            self.assertIn("you may not look into", other.stderr)
            self.assertEqual(trial.status()["state"], "healthy")

    @unittest.skipUnless(AS_ROOT, "needs root, to mount a small disk")
    def test_a_full_disk(self):
        with Trial(initialised=False) as trial:
            trial.home.mkdir()
            small = ["mount", "-t", "tmpfs", "-o", "size=20m,mode=755", "tmpfs", str(trial.home)]
            if subprocess.run(small, capture_output=True).returncode != 0:
                self.skipTest("cannot mount a tmpfs")
            try:
                self.refused(trial, "needs 200 MB", "--home", code=1)
                self.assertFalse((trial.home / "pg").exists())
                self.assertFalse((trial.home / "pg.new").exists())
            finally:
                trial.run("down")
                subprocess.run(["umount", str(trial.home)], check=True)

    @unittest.skipUnless(AS_ROOT, "needs root, to mount a small disk")
    def test_a_disk_that_is_full_when_the_server_starts(self):
        with Trial() as trial:
            kept = trial.home.rename(trial.folder / "kept")
            trial.home.mkdir()
            size = int(subprocess.run(["du", "-sm", kept], capture_output=True, text=True).stdout.split()[0]) + 4
            small = ["mount", "-t", "tmpfs", "-o", f"size={size}m", "tmpfs", str(trial.home)]
            if subprocess.run(small, capture_output=True).returncode != 0:
                self.skipTest("cannot mount a tmpfs")
            try:
                subprocess.run(["cp", "-a", f"{kept}/.", trial.home], check=True)
                fill(trial.home / "log/ballast")
                self.refused(trial, "is full", code=1)
                (trial.home / "log/ballast").unlink()
                trial.start()
                self.assertEqual(trial.status()["state"], "degraded")
                self.assertIn(f"MB free for {trial.home}/pg", trial.part("postgresql")["detail"])
                doctor = trial.run("doctor")
                self.assertEqual(doctor.returncode, 1)
                self.assertRegex(doctor.stdout, r"fail +disk +\d+ MB free")
            finally:
                trial.run("down")
                subprocess.run(["umount", str(trial.home)], check=True)


if __name__ == "__main__":
    unittest.main()
