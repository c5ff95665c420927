"""What a newcomer meets first: the packages that can be installed, the lock, and the Makefile."""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import tarfile
import tomllib
import zipfile
from email.message import Message
from email.parser import Parser
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
DECLARED = [
    *PROJECT["dependencies"],
    *(line for extra in PROJECT["optional-dependencies"].values() for line in extra),
]
# The tests themselves may run under make, whose settings would reach the make that is tested.
ENVIRONMENT = {
    name: value
    for name, value in os.environ.items()
    if name not in {"MAKEFLAGS", "MAKELEVEL", "MAKEOVERRIDES", "MFLAGS", "EXTRAS", "PYTHON", "VENV"}
}


def run(*command: str, folder: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run a command in a folder; its output is kept as text, its exit code is not judged."""
    return subprocess.run(
        command,
        cwd=folder,
        env=ENVIRONMENT | variables,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=600,
    )


def normal(requirement: str) -> str:
    """The normal form of the name that a requirement line starts with."""
    name = re.match(r"[A-Za-z0-9._-]+", requirement)
    assert name, requirement
    return re.sub(r"[-_.]+", "-", name.group()).lower()


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A wheel built as an index's users get it: tree -> source archive -> wheel."""
    if importlib.util.find_spec("hatchling") is None:
        pytest.skip("hatchling, which builds the wheel, is not installed (extra: test)")
    folder = tmp_path_factory.mktemp("a folder with spaces")
    build = (sys.executable, "-m", "hatchling", "build", "-d", str(folder), "-t")
    made = run(*build, "sdist", folder=ROOT)
    assert made.returncode == 0, made.stderr
    [archive] = folder.glob("*.tar.gz")
    careful = {"filter": "data"} if hasattr(tarfile, "data_filter") else {}  # from 3.11.4 on
    with tarfile.open(archive) as tar:
        tar.extractall(folder, **careful)
    made = run(*build, "wheel", folder=folder / archive.name.removesuffix(".tar.gz"))
    assert made.returncode == 0, made.stderr
    [path] = folder.glob("*.whl")
    return path


def read(wheel: Path, ending: str) -> str:
    """The text of the one file in the wheel whose path ends so."""
    with zipfile.ZipFile(wheel) as archive:
        [name] = [name for name in archive.namelist() if name.endswith(ending)]
        return archive.read(name).decode("utf-8")


def test_wheel_ships_the_package_and_every_scenario(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        shipped = set(archive.namelist())
    data = {
        f"llm_market_sim/data/{path.relative_to(ROOT).as_posix()}"
        for path in (ROOT / "scenarios").rglob("*.yaml")
    }
    code = {path.relative_to(ROOT / "src").as_posix() for path in (ROOT / "src").rglob("*.py")}
    plots = ROOT / "src" / "llm_market_sim" / "figures"
    fonts = [*plots.glob("texts/*.yaml"), *plots.glob("fonts/*")]
    code |= {path.relative_to(ROOT / "src").as_posix() for path in fonts}
    assert len(fonts) > 15
    report = ROOT / "src" / "llm_market_sim" / "pages"
    pages = [*report.glob("texts/*.yaml"), *report.glob("templates/*")]
    code |= {path.relative_to(ROOT / "src").as_posix() for path in pages}
    assert len(pages) == 10
    assert "llm_market_sim/data/scenarios/baseline.yaml" in data
    assert "llm_market_sim/data/scenarios/players.yaml" in data
    assert data | code | {"llm_market_sim/py.typed"} <= shipped
    top = {name.split("/")[0] for name in shipped}
    assert top == {"llm_market_sim", f"llm_market_sim-{PROJECT['version']}.dist-info"}


def test_wheel_says_what_it_is_and_needs(wheel: Path) -> None:
    metadata: Message = Parser().parsestr(read(wheel, ".dist-info/METADATA"))
    assert metadata["Name"] == "llm-market-sim"
    assert metadata["Version"] == PROJECT["version"]
    assert metadata["Requires-Python"] == ">=3.11"
    assert metadata["License-Expression"] == "MIT AND OFL-1.1"
    assert {normal(line) for line in metadata.get_all("Requires-Dist", [])} == set(
        map(normal, DECLARED)
    )
    assert "llm-market-sim = llm_market_sim.__main__:main" in read(wheel, "/entry_points.txt")
    assert "Permission is hereby granted" in read(wheel, "/LICENSE")


@pytest.mark.slow
def test_wheel_runs_baseline_from_any_folder(wheel: Path, tmp_path: Path) -> None:
    site, elsewhere = tmp_path / "site", tmp_path / "else where"
    elsewhere.mkdir()
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(site)
    where = "import llm_market_sim; print(llm_market_sim.__file__)"
    found = run(sys.executable, "-c", where, folder=elsewhere, PYTHONPATH=str(site))
    assert found.stdout.startswith(str(site)), found.stderr
    command = (sys.executable, "-m", "llm_market_sim", "batch", "baseline", "--worlds", "2")
    ran = run(*command, "--out", "result", folder=elsewhere, PYTHONPATH=str(site))
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert any((elsewhere / "result").iterdir())


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["wheel", "sdist"])
def test_wheel_and_source_archive_install_without_an_index(
    wheel: Path, kind: str, tmp_path: Path
) -> None:
    """Into an environment that has the dependencies, by pip, which may ask nobody."""
    pip = (getattr(sys, "_base_executable", sys.executable), "-m", "pip")
    if run(*pip, "--version", folder=tmp_path).returncode:
        pytest.skip("pip is not installed")
    venv, here = tmp_path / "venv", Path(sysconfig.get_path("purelib"))
    assert (
        run(sys.executable, "-m", "venv", "--without-pip", str(venv), folder=tmp_path).stderr == ""
    )
    [site] = venv.glob("lib/python*/site-packages")
    (site / "dependencies.pth").write_text(f"{here}\n")
    [source] = wheel.parent.glob("*.tar.gz")
    given = str(wheel if kind == "wheel" else source)
    how = ("--no-index", "--no-deps", "--no-build-isolation", "--no-cache-dir")
    python = str(venv / "bin" / "python")
    made = run(*pip, "--python", python, "install", *how, given, folder=tmp_path)
    assert made.returncode == 0, made.stderr
    command = str(venv / "bin" / "llm-market-sim")
    said = run(command, "--version", folder=tmp_path).stdout
    assert said.startswith(f"llm-market-sim {PROJECT['version']}, rules ")
    where = run(python, "-c", "import llm_market_sim as m; print(m.__file__)", folder=tmp_path)
    assert where.stdout.startswith(str(site))
    assert run(command, "validate", "baseline", folder=tmp_path).returncode == 0


def test_lock_pins_every_declared_library_and_names_no_place() -> None:
    lines = (ROOT / "constraints.txt").read_text("utf-8").splitlines()
    pins = [line for line in lines if not line.startswith("#")]
    odd = [line for line in pins if not re.fullmatch(r"[a-z0-9-]+==[0-9a-z.]+( ; [^/@]+)?", line)]
    assert odd == []
    missing = set(map(normal, DECLARED)) - set(map(normal, pins))
    assert missing == set()


@pytest.mark.skipif(shutil.which("make") is None, reason="make is not installed")
class TestMakefile:
    @pytest.fixture
    def folder(self, tmp_path: Path) -> Path:
        folder = tmp_path / "a folder with spaces"
        folder.mkdir()
        for name in ("Makefile", "pyproject.toml", "constraints.txt"):
            shutil.copy(ROOT / name, folder)
        return folder

    @pytest.mark.parametrize("python", ["false", "no-such-python"])
    def test_unfit_python_is_named_before_anything_is_made(self, folder: Path, python: str) -> None:
        made = run("make", "demo", f"PYTHON={python}", folder=folder)
        assert made.returncode != 0
        assert f"needs Python 3.11 or newer; {python} is" in made.stderr
        assert not (folder / ".venv").exists()

    def test_second_run_installs_nothing_unless_the_folder_moved(self, folder: Path) -> None:
        venv = folder / ".venv"
        first = run("make", "-n", "demo", folder=folder).stdout
        assert "rm -rf .venv" in first
        assert "-c constraints.txt -e ." in first
        # What a first run leaves behind.
        venv.mkdir()
        version = run("python3", "-V", folder=folder).stdout.strip()
        (venv / "made").write_text(f"{folder.resolve()} {version}\n")
        (venv / "installed").touch()
        assert "install" not in run("make", "-n", "demo", folder=folder).stdout
        moved = folder.rename(folder.with_name("moved"))
        assert "rm -rf .venv" in run("make", "-n", "demo", folder=moved).stdout
