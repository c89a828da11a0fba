"""The command `layerdeck`, of an installation or of the source (`python -m layerdeck`).

layerdeck [--port N] [--home FOLDER] [--host ADDRESS]     serves the page
layerdeck run|script|predict|report|samples|profile|new   does one thing without the page, as python -m core does
layerdeck --version

Written so that a Python that is too old for the rest still reads it, and can say so.
"""

import argparse
import importlib.metadata
import importlib.util
import os
import sys
from pathlib import Path

HEADLESS = ("run", "script", "predict", "report", "samples", "profile", "new")
PORT = 8501
_PYTHONS = ((3, 11), (3, 14))  # From, and before: pyproject.toml says the same.
_PACKAGES = ("core", "dashboard")


def main(arguments=None) -> int:
    """Serves the page, or runs one command without it; 0 when it worked, else 1 with a sentence on standard error."""
    words = sys.argv[1:] if arguments is None else arguments
    problem = python_problem(sys.version_info[:2]) or shadow_problem(Path(__file__).resolve().parent)
    if problem:
        print(problem, file=sys.stderr)
        return 1
    if words and words[0] in HEADLESS:
        from core.__main__ import main as headless

        return headless(words, "layerdeck")
    serve(words)
    return 0


def python_problem(version) -> str:
    """A sentence where this Python (major, minor) is none that Layerdeck was tried with, else ""."""
    (major, first), (_, last) = _PYTHONS
    if _PYTHONS[0] <= tuple(version) < _PYTHONS[1]:
        return ""
    return f"Layerdeck needs Python {major}.{first} to {major}.{last - 1}; this is {version[0]}.{version[1]}."


def shadow_problem(folder: Path) -> str:
    """A sentence where another distribution's packages have the names of Layerdeck's, else "".

    `core` and `dashboard` must be those that lie beside this file, and no other distribution may have written to them.
    """
    for name in _PACKAGES:
        found = importlib.util.find_spec(name)
        origin = Path(found.origin).resolve() if found and found.origin else None
        if origin != folder / name / "__init__.py":
            return _collision(name, str(origin.parent) if origin else "another package of that name")
    for other in importlib.metadata.distributions():
        # Its list of files as text: to make a path of each of the twenty thousand takes a command a fifth of a second.
        lists = map(other.read_text, ("RECORD", "installed-files.txt", "SOURCES.txt"))
        listed = "\n" + next(filter(None, lists), "")
        for name in _PACKAGES:
            claims = any(f"{start}{name}/__init__.py" in listed for start in ("\n", "../"))
            if (
                claims
                and other.name != "layerdeck"
                and any(Path(file.locate()).resolve() == folder / name / "__init__.py" for file in other.files or ())
            ):
                return _collision(name, f"the distribution {other.name}")
    return ""


def _collision(name: str, other: str) -> str:
    return (
        f"Layerdeck's package `{name}` collides with {other}. Install Layerdeck into an environment of its own, with "
        "pipx or uv tool."
    )


def serve(words) -> None:
    """Serves the page until it is interrupted. Further options (`--server.baseUrlPath deck`) go to Streamlit."""
    from core import __version__

    parser = argparse.ArgumentParser(
        prog="layerdeck",
        description="Serves Layerdeck's page; opens no browser.",
        epilog=f"layerdeck {'|'.join(HEADLESS)} do one thing without the page; layerdeck run --help says more. Other "
        "options (--server.baseUrlPath deck) go to Streamlit.",
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"layerdeck {__version__}")
    parser.add_argument("--port", type=_port, default=PORT, help="the port to listen on (%(default)s)")
    parser.add_argument(
        "--host", default="127.0.0.1", help="the address to listen on (%(default)s: this machine alone)"
    )
    parser.add_argument("--home", type=Path, help="the folder of the workspace (LAYERDECK_HOME, or ./workspace)")
    options, more = parser.parse_known_args(words)
    strange = [word for word in more if word.startswith("-") and "." not in word]
    if strange or (more and not more[0].startswith("-")):
        parser.error(f"unknown: {' '.join(strange or more[:1])}")
    if options.home:
        os.environ["LAYERDECK_HOME"] = str(options.home.absolute())
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    from streamlit.web import cli

    print(f"Layerdeck {__version__}: http://{options.host}:{options.port}", flush=True)
    server = importlib.util.find_spec("dashboard.server").origin
    address = ["--server.address", options.host, "--server.port", str(options.port)]
    cli.main(["run", server, *address, *more], prog_name="layerdeck")  # It ends the process.


def _port(text: str) -> int:
    try:
        port = int(text)
    except ValueError:
        port = 0
    if not 0 < port < 65536:
        raise argparse.ArgumentTypeError(f"a port is a whole number from 1 to 65535, not {text!r}")
    return port


if __name__ == "__main__":
    sys.exit(main())
