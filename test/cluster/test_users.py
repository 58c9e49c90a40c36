#!/usr/bin/env python3
"""The same as root, who hands everything to postgres, and as anybody else."""
import json
import os
import pwd
import shutil
import unittest

from trial import AS_ROOT, NOBODY, Trial, copy_of_build, new_folder


def owners_of(processes):
    """Of those that are still there: workers of the server come and go."""
    owners = []
    for process in processes:
        try:
            owners.append(pwd.getpwuid(os.stat(f"/proc/{process}").st_uid).pw_name)
        except FileNotFoundError:
            pass
    return owners


@unittest.skipUnless(AS_ROOT, "needs root, to be somebody else")
class Users(unittest.TestCase):
    def test_as_somebody_else_everything_is_theirs(self):
        with Trial(user_prefix=NOBODY, initialised=False) as trial:
            trial.start()
            self.assertEqual(set(owners_of(trial.processes())), {"nobody"})
            self.assertTrue((trial.home / ".s.PGSQL.5432").is_socket())
            self.assertEqual(trial.sql("select current_user"), "postgres")
            self.assertEqual(trial.home.stat().st_mode & 0o777, 0o700)
            objects = trial.kernel_objects()
            trial.must("down")
            self.assertEqual(trial.leftovers(objects), [])

    def test_as_root_everything_is_handed_to_postgres(self):
        with Trial(initialised=False) as trial:
            trial.start()
            owners = owners_of(trial.processes())
            self.assertEqual(set(owners), {"postgres", "root"})
            self.assertEqual(owners.count("root"), 2)  # the sandbox's launcher, and who restarts it
            self.assertEqual(trial.sql("select current_user"), "postgres")
            trial.must("down")
            owners = {pwd.getpwuid(path.lstat().st_uid).pw_name for path in [trial.home, *trial.home.rglob("*")]}
            self.assertEqual(owners, {"postgres"})

    def test_a_program_that_lies_where_only_root_may_go(self):
        folder = new_folder()
        try:
            folder.chmod(0o700)
            with Trial(binary=copy_of_build(folder)) as trial:
                trial.start()
                trial.must("down")
        finally:
            shutil.rmtree(folder)

    def test_extensions_are_brought_into_the_home(self):
        folder = new_folder()
        try:
            folder.chmod(0o700)
            binary = copy_of_build(folder)
            control = folder / "extensions/usr/share/postgresql/17/extension/sg_trial.control"
            control.parent.mkdir(parents=True, exist_ok=True)
            control.write_text("default_version = '1'\n")
            (control.parent / "sg_trial--1.sql").write_text("create function trial() returns int return 42;\n")
            with Trial(binary=binary) as trial:
                trial.start()
                trial.sql("create extension sg_trial")
                trial.sql("create extension vector")  # the system's are still found
                self.assertEqual(trial.sql("select trial()"), "42")
        finally:
            shutil.rmtree(folder)

    def test_root_may_stop_somebody_elses(self):
        with Trial(user_prefix=NOBODY) as trial:
            trial.start()
            trial.prefix = []
            trial.must("down")
            self.assertEqual(trial.leftovers(), [])
            trial.prefix = NOBODY
            trial.start()


class Doctor(unittest.TestCase):
    def checks(self, trial):
        done = trial.run("doctor", "--json")
        return done.returncode, {check["name"]: check for check in json.loads(done.stdout)}

    def test_finds_open_keys_and_names_the_command_that_mends_it(self):
        with Trial() as trial:
            keys = trial.home / "keys"
            keys.chmod(0o755)
            code, checks = self.checks(trial)
            self.assertEqual(code, 1)
            self.assertEqual(checks["keys"]["verdict"], "fail")
            self.assertEqual(checks["keys"]["remedy"], f"chmod 0700 {keys}")

    def test_finds_durability_that_was_switched_off(self):
        with Trial() as trial:
            (trial.home / "operator.conf").write_text("fsync = off\n")
            _, checks = self.checks(trial)
            self.assertEqual(checks["durability"]["verdict"], "fail")
            self.assertIn("fsync", checks["durability"]["finding"])

    def test_finds_what_up_would_refuse(self):
        with Trial(initialised=False) as trial:
            self.assertEqual(self.checks(trial)[1]["home"]["verdict"], "ok")
            trial.home.mkdir()
            (trial.home / "thesis.tex").write_text("important")
            _, checks = self.checks(trial)
            self.assertEqual(checks["home"]["verdict"], "fail")
            self.assertIn("thesis.tex", checks["home"]["finding"])
            self.assertIn("--home", checks["home"]["remedy"])

    @unittest.skipUnless(AS_ROOT, "needs root")
    def test_finds_a_home_that_the_dropped_user_cannot_enter(self):
        with Trial(initialised=False) as trial:
            trial.folder.chmod(0o700)
            code, checks = self.checks(trial)
            self.assertEqual(code, 1)
            self.assertIn("user postgres cannot enter", checks["home"]["finding"])
            self.assertIn(f"chmod o+x {trial.folder}", checks["home"]["remedy"])

    def test_finds_what_a_crash_left(self):
        with Trial() as trial:
            self.assertEqual(self.checks(trial)[1]["leftovers"]["verdict"], "ok")
            (trial.home / "pg.new").mkdir()
            self.assertEqual(self.checks(trial)[1]["leftovers"]["verdict"], "warn")

    def test_finds_nothing_wrong_with_a_healthy_one(self):
        with Trial() as trial:
            trial.start()
            _, checks = self.checks(trial)
            self.assertEqual({name: check["finding"] for name, check in checks.items()
                              if check["verdict"] == "fail" and name != "extensions"}, {})
            self.assertEqual(checks["backbone"]["finding"], "healthy")


if __name__ == "__main__":
    unittest.main()
