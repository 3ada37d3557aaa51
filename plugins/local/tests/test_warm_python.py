"""A copy of an interpreter with libraries imported ahead is what a new interpreter is."""

from __future__ import annotations

import json
import os
import sys
import tempfile
from pathlib import Path
from typing import Any

import pytest
from tests.proofs import few, long_proof, some

from sfn_fragments_local.containers import Command, Containers
from sfn_fragments_local.handler_runner import MODULES
from sfn_fragments_local.launching.image import image_paths, image_variables
from sfn_fragments_local.launching.isolation import found_isolation
from sfn_fragments_local.launching.launcher import launchers

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="jobs do not run on Windows")

#: What a program can see of its interpreter, told as JSON on standard output.
PROBE = """
import sys

ahead = sorted(sys.modules)
sys_state = {
    "argv": sys.argv, "orig_argv": sys.orig_argv, "path": sys.path, "flags": repr(sys.flags),
    "executable": sys.executable, "warnoptions": sys.warnoptions,
    "recursion": sys.getrecursionlimit(), "hook": sys.excepthook is sys.__excepthook__,
    "xoptions": sys._xoptions, "bytecode": sys.dont_write_bytecode,
}
import gc, importlib, json, locale, logging, os, re, signal, threading, time, warnings

main = sorted(name for name in globals() if name.startswith("__"))
process = {
    "environ": dict(os.environ), "cwd": os.getcwd(), "umask": os.umask(0o22),
    "descriptors": sorted(os.listdir("/proc/self/fd")) if os.path.isdir("/proc/self/fd") else [],
    "signals": {s.name: repr(signal.getsignal(s)).split(" at ")[0] for s in signal.Signals},
    "mask": sorted(signal.pthread_sigmask(signal.SIG_BLOCK, [])),
    "session": os.getsid(0) == os.getpid(), "group": os.getpgid(0) == os.getpid(),
    "threads": [t.name for t in threading.enumerate()], "locale": locale.setlocale(locale.LC_ALL),
    "zone": time.tzname, "gc": [gc.isenabled(), gc.get_threshold()],
    "streams": [
        [s.name, s.encoding, s.errors, s.line_buffering, s.mode, s.fileno(), s.closed]
        for s in (sys.stdin, sys.stdout, sys.stderr)
    ],
    "stdin": sys.stdin.read(),
}
for name in MODULES:
    importlib.import_module(name)
root = logging.getLogger()
loggers = {
    name: [one.level, one.propagate, one.disabled, [repr(h).split(" at ") for h in one.handlers]]
    for name, one in logging.Logger.manager.loggerDict.items()
    if isinstance(one, logging.Logger)
}
plain = (str, int, float, bool, bytes, type(None))
def shown(value):
    # Sets have an order of their own in each process.
    value = sorted(map(repr, value)) if isinstance(value, (set, frozenset)) else value
    return re.sub(r" at 0x[0-9a-f]+", "", repr(value))
state = {
    f"{name}.{key}": shown(value)
    for name, module in sorted(sys.modules.items())
    if name != "__main__"
    for key, value in sorted(vars(module).items())
    if isinstance(value, plain)
    or (isinstance(value, (tuple, list, dict, set, frozenset)) and len(repr(value)) < 500
        and all(isinstance(one, plain) for one in value))
}
print(json.dumps({
    "sys": sys_state, "process": process, "main": main, "modules": sorted(sys.modules),
    "logging": [root.level, [repr(h) for h in root.handlers], loggers, root.manager.disable],
    "filters": [repr(f) for f in warnings.filters], "importers": len(sys.meta_path),
    "state": state, "ahead": ahead,
}))
""".replace("MODULES", repr(MODULES))

#: Values that differ between two new processes as well.
OF_THE_MOMENT = (
    *("logging._startTime", "threading._active", "threading._shutdown_locks", "encodings._cache"),
    # Made of sets, whose order is each process's own.
    "pydantic._internal._known_annotated_metadata.c",
    "tokenize.",
)

#: Of the standard library, what the server itself needs.
OF_THE_SERVER = ("ctypes", "_ctypes", "resource")


def launch(
    folder: Path, modules: tuple[str, ...], environment: dict[str, str], *arguments: str
) -> tuple[int | None, str]:
    found = found_isolation().name
    containers = Containers(found, image_paths(), 1, lambda door: None)
    private = folder / f"private-{len(list(folder.iterdir()))}"
    private.mkdir()
    command = Command(
        (sys.executable, "-m", *arguments),
        environment,
        readable=(str(folder / "program"),),
        working_folder=str(folder / "program"),
        modules=modules,
    )
    with (
        tempfile.TemporaryFile() as output,
        Path(os.devnull).open("rb") as nothing,
        launchers.in_use(),
    ):
        files = [nothing.fileno(), output.fileno(), output.fileno()]
        process = containers.start(command, private, files)
        code = process.wait()
        process.close()
        output.seek(0)
        return code, output.read().decode()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "program").mkdir()
    (tmp_path / "program" / "probe.py").write_text(PROBE)
    return tmp_path


def seen(folder: Path, modules: tuple[str, ...], **environment: str) -> dict[str, Any]:
    code, output = launch(folder, modules, environment, "probe", "a", "b c")
    assert code == 0, output
    found: dict[str, Any] = json.loads(output)
    private = [str(path) for path in folder.glob("private-*")]
    for name in ("HOME", "TMPDIR"):
        if found["process"]["environ"].get(name) in private:
            found["process"]["environ"][name] = "private"
    return found


@pytest.mark.skipif(
    found_isolation().name != "namespaces", reason="elsewhere each job has a HOME of its own"
)
def test_a_copy_is_what_a_new_interpreter_is(folder: Path) -> None:
    new, copy = seen(folder, (), A="1"), seen(folder, MODULES, A="1")
    # This distribution's own are not among what a copy sees.
    libraries = {name for name in MODULES if not name.startswith("sfn_fragments_local")}
    assert libraries <= set(copy.pop("ahead"))
    assert not set(MODULES) & set(new.pop("ahead"))
    new_state, copy_state = new.pop("state"), copy.pop("state")
    copy["modules"] = [name for name in copy["modules"] if not name.startswith(OF_THE_SERVER)]
    assert copy == new
    differing = {
        name
        for name in new_state.keys() | copy_state.keys()
        if new_state.get(name) != copy_state.get(name)
        and not name.startswith((*OF_THE_MOMENT, *OF_THE_SERVER))
    }
    assert differing == set()
    assert len(new_state) > 5000


@long_proof
@pytest.mark.parametrize(
    "name",
    some(["POWERTOOLS_SERVICE_NAME", "PYTHONUNBUFFERED", "LANG", "TZ", "AWS_EXECUTION_ENV"], 0, 3),
)
def test_what_the_libraries_read_at_import_gets_a_new_interpreter(folder: Path, name: str) -> None:
    assert not set(MODULES) & set(seen(folder, MODULES, **{name: "C.UTF-8"})["ahead"])


@few(4)
@pytest.mark.parametrize(
    ("program", "code"),
    [
        ("import sys; sys.exit(7)", 7),
        ("import sys; sys.exit('why')", 1),
        ("def f(): raise ValueError('why')\nf()", 1),
        ("raise KeyboardInterrupt", 130),
        ("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", 137),
        ("import atexit; atexit.register(print, 'at exit'); print('a', end='')", 0),
        ("import threading, time; t = threading.Timer(0.1, print, 'x'); t.start()", 0),
        ("import random; print(random.random() == random.Random(0).random())", 0),
        ("import os; os.system('echo child'); os.close(1)", 0),
        (
            "import multiprocessing as m\nm.set_start_method('spawn')\nif __name__ == '__main__':\n"
            "    p = m.Process(target=print, args=('spawned',)); p.start(); p.join()",
            0,
        ),
        ("not python", 1),
    ],
)
def test_it_ends_as_a_new_interpreter_does(folder: Path, program: str, code: int) -> None:
    (folder / "program" / "ends.py").write_text(program)
    new, copy = (launch(folder, modules, {}, "ends") for modules in ((), MODULES))
    assert copy == new
    assert new[0] == code


def test_the_random_numbers_of_copies_differ(folder: Path) -> None:
    (folder / "program" / "draw.py").write_text("import random; print(random.random())")
    outputs = {launch(folder, MODULES, {}, "draw")[1] for _ in range(3)}
    assert len(outputs) == 3


def test_a_module_of_the_job_may_have_the_name_of_a_library(folder: Path) -> None:
    (folder / "program" / "botocore.py").write_text("print('of the job')")
    (folder / "program" / "user.py").write_text("import botocore")
    assert launch(folder, MODULES, {}, "user") == (0, "of the job\n")
    assert launch(folder, MODULES, {}, "botocore") == (0, "of the job\n")


def test_a_module_that_is_not_there(folder: Path) -> None:
    code, output = launch(folder, MODULES, {}, "absent_module")
    assert code == 1
    assert "No module named absent_module" in output


def test_no_variable_of_the_server_is_left(folder: Path) -> None:
    environ = seen(folder, MODULES)["process"]["environ"]
    assert environ.keys() <= {*image_variables(), "HOME", "TMPDIR", "LC_CTYPE"}


#: A session reads no file of a service's model that its interpreter has read; prints what it reads.
CLIENT = """
import boto3
from botocore.loaders import JSONFileLoader

read, load_file = [], JSONFileLoader.load_file

def noted(self, path):
    found = load_file(self, path)
    read.extend([path] if found is not None else [])
    return found

JSONFileLoader.load_file = noted
for service in ("s3", "s3", "sqs"):
    boto3.Session("a", "b", region_name="us-east-1").client(service)
boto3.Session("a", "b", region_name="us-east-1").resource("s3")
print(sorted({path.split("/data/")[1].split("/")[0] for path in read}))
"""


def test_copies_share_the_models_of_services(folder: Path) -> None:
    (folder / "program" / "probe.py").write_text(CLIENT)
    assert launch(folder, MODULES, {}, "probe") == (0, "['sqs']\n")


def test_a_model_of_the_jobs_own_comes_first(folder: Path) -> None:
    """As botocore looks for one below HOME, before its own."""
    (folder / "program" / "probe.py").write_text(
        "import os, pathlib\n"
        "models = pathlib.Path.home() / '.aws' / 'models' / 's3' / '2006-03-01'\n"
        "models.mkdir(parents=True)\n"
        "(models / 'service-2.json').write_text('{\"metadata\": {\"own\": true}}')\n"
        "import botocore.session\n"
        "print(dict(botocore.session.Session().get_service_model('s3').metadata))\n"
    )
    code, output = launch(folder, MODULES, {}, "probe")
    assert (code, output) == (0, "{'own': True}\n")
