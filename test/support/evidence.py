"""What a person would look at first when a backbone does not do what a test expects of it."""
import pathlib

LINES = 30


def evidence_of(home, status):
    """The text of `status`, and the end of every log below the home."""
    sections = [f"--- status\n{status.strip()}"]
    for log in sorted(pathlib.Path(home).glob("log/*")):
        lines = log.read_text(errors="replace").splitlines()[-LINES:]
        sections.append("\n".join([f"--- {log.name}", *lines]))
    return "\n".join(sections)
