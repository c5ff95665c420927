"""Compiled rules are the rules: in plain Python, on any thread, on any processor, never stale."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import llm_market_sim
from llm_market_sim.errors import MarketSimError
from llm_market_sim.market import compiling
from llm_market_sim.market.engine import Plain
from llm_market_sim.market.schedule import SCHEDULE
from llm_market_sim.scenario import load
from llm_market_sim.simulation import Worlds, simulate_block

SOURCE = Path(llm_market_sim.__file__).parent
DIGEST = """
import hashlib
from llm_market_sim.scenario import load
from llm_market_sim.simulation import Worlds
worlds = Worlds(load("baseline", ["horizon_weeks=40"]), range(8), 1, series=True, room=900)
worlds.advance(40)
told = hashlib.sha256(worlds.firm_records.tobytes() + worlds.world_records.tobytes()
                      + worlds.series.tobytes())
print(told.hexdigest())
"""


def run(script, *, cache=None, **environment):
    """Another interpreter; what it printed, and what it complained of."""
    env = {**os.environ, **environment}
    if cache is not None:
        env["NUMBA_CACHE_DIR"] = str(cache)
    done = subprocess.run(
        [sys.executable, "-c", script], env=env, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip(), done.stderr


def same(one, other):
    """Whether two blocks of worlds are equal to the last bit, with all that was told of them."""
    for name in ("world_records", "firm_records", "series"):
        a, b = getattr(one, name), getattr(other, name)
        for field in a.dtype.names:
            np.testing.assert_array_equal(a[field], b[field], err_msg=f"{name}: {field}")
    for a, b, n in zip(one.books, other.books, one.world_records["events"], strict=True):
        for field in a.dtype.names:
            np.testing.assert_array_equal(a[field][:n], b[field][:n], err_msg=field)


MARKETS = {
    "usual": ["horizon_weeks=26"],
    "days": ["horizon_weeks=2", "ticks_per_week=7"],
    "everything at once": [
        "horizon_weeks=6", "alliances.strategic_share=1", "regulation.incidents_per_year=9",
        "regulation.filing_open=true", "regulation.first_batch_week=2",
        "regulation.batch_interval_weeks=1", "exits.pivot_rate_per_year=30",
        "exits.acquisition_rate_per_year=20", "funding.rounds_per_year=30",
        "players.baidu.policy=bold", "players.minimax.policy=cautious",
        "training.failure_probability=0.9", "products.foreign_api=open",
    ],
}  # fmt: skip


@pytest.mark.parametrize("name", MARKETS)
def test_plain_python_gives_the_same_bits(short, name):
    scenario = short(*MARKETS[name], stealth=4, pool=6)
    blocks = [
        Worlds(scenario, range(2), 3, series=True, room=900, engine=engine)
        for engine in (None, Plain())
    ]
    for block in blocks:
        block.advance(block.ticks)
    same(*blocks)


def test_numbas_switch_for_debuggers_gives_the_same_world(short):
    """`NUMBA_DISABLE_JIT=1`, as one would start a debugger; nothing is compiled."""
    script = DIGEST.replace("40", "3").replace("range(8)", "range(1)")
    compiled, _ = run(script)
    script += 'import sys\nassert "numba" not in sys.modules'
    plain, complaints = run(script, NUMBA_DISABLE_JIT="1")
    assert plain == compiled and "compiling" not in complaints


def test_threads_make_no_difference(short):
    scenario = short("horizon_weeks=30")
    varied = {"regulation.review_delay_weeks": np.arange(11.0)}
    one, many = (Worlds(scenario, range(11), 5, varied, series=True, room=900) for _ in range(2))
    one.advance(30)
    many.advance(7, threads=2)
    many.advance(23, threads=3)
    same(one, many)
    assert len(one.timetable.rows) > 1 and len(one.engine._run.overloads) == 1  # no code unseen


def test_a_full_book_is_written_again_with_more_room(short, monkeypatch):
    scenario = short("horizon_weeks=20")
    usual = simulate_block(scenario, range(3), 1).happened
    monkeypatch.setattr(sys.modules[simulate_block.__module__], "_ROOM", 0)
    tight = simulate_block(scenario, range(3), 1).happened
    assert len(usual.week) > 100
    for name in ("place", "week", "firm", "kind", "amount", "other"):
        np.testing.assert_array_equal(getattr(tight, name), getattr(usual, name), err_msg=name)


def test_a_step_that_fails_has_not_been(short):
    worlds = Worlds(short(), range(2), 1)
    worlds.advance(3)
    before = worlds.firm_records.copy()

    def refuse():
        raise RuntimeError("no")

    with pytest.raises(RuntimeError, match="no"):
        worlds.step(refuse)
    assert worlds.tick == 3 and np.array_equal(worlds.firm_records["cash"], before["cash"])


# ---- what is kept of compiling ----


GUEST = """
from llm_market_sim.market.rule import phase, word

@word
def more(x):
    return x + STEP

@phase("Hype rises.", "热度上升。", after="depart")
def lift(w, firms, p, day, book):
    w.vc_pool_musd = more(w.vc_pool_musd)
"""
ASK = """
import sys
sys.path.insert(0, sys.argv[1] if len(sys.argv) > 1 else FOLDER)
import lifted
from llm_market_sim.scenario import load
from llm_market_sim.simulation import Worlds
worlds = Worlds(load("baseline", ["funding.inflow_musd_per_week=0", "horizon_weeks=2"]), [0], 1)
worlds.do("lift")
print(worlds.state().vc_pool_musd[0, 0])
"""


def test_compiled_code_is_never_stale(tmp_path):
    """A word that a phase uses changes: the next process has the new one."""
    for step in ("1.0", "7.0"):
        (tmp_path / "lifted.py").write_text(GUEST.replace("STEP", step))
        told, _ = run(ASK.replace("FOLDER", repr(str(tmp_path))))
        assert float(told) == load("baseline").funding.pool_start_musd + float(step)


def test_every_source_that_rules_share_is_in_the_name_of_the_folder(tmp_path, monkeypatch):
    """A change of any file of the market gives its rules a folder of their own, and no others."""
    home = tmp_path / "market"
    shutil.copytree(SOURCE / "market", home, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(compiling, "_HOME", home)

    def folders():
        found = {}
        for phase in SCHEDULE:
            file = home / Path(phase.rule.__code__.co_filename).relative_to(SOURCE / "market")
            rule = type(
                "rule", (), {"__code__": phase.rule.__code__.replace(co_filename=str(file))}
            )
            found[phase.name] = compiling.cache_folder(rule)
        return found

    before = folders()
    assert before == folders()
    for name, moves in (
        ("arithmetic.py", {*before}),
        ("policies/standard.py", {"decide"}),
        ("mechanisms/hype.py", {"stir hype"}),
    ):
        file = home / name
        kept = file.read_text("utf-8")
        file.write_text(kept.replace("1.0", "1.5", 1), "utf-8")
        after = folders()
        assert {one for one in before if after[one] != before[one]} == moves, name
        file.write_text(kept, "utf-8")
    assert before == folders()
    monkeypatch.setattr(compiling, "EVENTS", {"earlier": None, **compiling.EVENTS})
    assert all(folders()[one] != before[one] for one in before)  # each holds codes of events


def test_a_home_that_cannot_be_written_will_do(short, tmp_path):
    """No home and a folder that is read-only: the rules are kept with temporary files."""
    simulate_block(short("horizon_weeks=2"), range(1), 1)  # so that there are compiled rules
    (tmp_path / "home").write_text("no folder")
    here, temporary = tmp_path / "here", tmp_path / "temporary"
    temporary.mkdir()
    here.mkdir(mode=0o555)
    (temporary / f"llm-market-sim-{os.getuid()}").symlink_to(compiling._home())
    env = {name: value for name, value in os.environ.items() if name != "NUMBA_CACHE_DIR"}
    env |= {"HOME": str(tmp_path / "home"), "TMPDIR": str(temporary)}
    env["XDG_CACHE_HOME"] = str(tmp_path / "home" / "cache")
    command = ("-m", "llm_market_sim", "run", "baseline", "--set", "horizon_weeks=2")
    done = subprocess.run(
        [sys.executable, *command], cwd=here, env=env, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0 and "General platforms" in done.stdout, done.stderr
    assert list(here.iterdir()) == []


def test_where_nothing_can_be_written_is_said(monkeypatch):
    def nowhere(*_, **__):
        raise FileNotFoundError("No usable temporary directory found")

    compiling._home.cache_clear()
    monkeypatch.setenv("NUMBA_CACHE_DIR", "/dev/null/below")
    monkeypatch.setattr("tempfile.gettempdir", nowhere)
    try:
        with pytest.raises(MarketSimError, match="NUMBA_CACHE_DIR"):
            compiling._home()
    finally:
        compiling._home.cache_clear()


@pytest.mark.slow
def test_processes_started_together_compile_once(tmp_path):
    script = DIGEST.replace("40", "2")
    env = {**os.environ, "NUMBA_CACHE_DIR": str(tmp_path)}
    both = [
        subprocess.Popen([sys.executable, "-c", script], env=env, text=True,
                         stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        for _ in range(2)
    ]  # fmt: skip
    told = [process.communicate() for process in both]
    assert told[0][0] == told[1][0] != ""
    assert sorted("compiling the rules for this machine, once" in text for _, text in told) == [
        False, True,
    ]  # fmt: skip
    assert run(script, cache=tmp_path)[1] == ""


@pytest.mark.slow
def test_other_instruction_sets_give_the_same_bits(tmp_path):
    """As the processor is, without AVX-512, and with nothing beyond what every x86-64 has."""
    usual, _ = run(DIGEST)
    if "avx2" not in Path("/proc/cpuinfo").read_text():
        pytest.skip("this processor has no other instruction sets to leave out")
    from llvmlite import binding

    every = binding.get_host_cpu_features()
    less = ",".join(
        f"{'-' if name.startswith('avx512') else '+' if on else '-'}{name}"
        for name, on in sorted(every.items())
    )
    for cpu, features in (("", less), ("generic", "+sse2")):
        env = {"NUMBA_CPU_FEATURES": features, **({"NUMBA_CPU_NAME": cpu} if cpu else {})}
        other, _ = run(DIGEST, cache=tmp_path, **env)
        assert other == usual, features


CHECKED = """
import hashlib
from llm_market_sim.scenario import load
from llm_market_sim.simulation import simulate_block
told = hashlib.sha256()
for name, sets in (
    ("baseline", []), ("strict_review", []), ("late_giants", ["ticks_per_week=7"]),
    ("baseline", ["funding.patience_weeks=30"]), ("price_war", ["population.pool_firms=0"]),
):
    run = simulate_block(load(name, [*sets, "horizon_weeks=30"]), range(3), 1, share_history=True)
    told.update(run.final.firm_records.tobytes() + run.share_history.tobytes())
    told.update(b"".join(values.tobytes() for values in run.series.values()))
print(told.hexdigest())
"""


@pytest.mark.slow
def test_no_index_leaves_its_array(tmp_path):
    """With every index checked nothing is raised, and the bits are the same."""
    usual, _ = run(CHECKED)
    assert run(CHECKED, cache=tmp_path, NUMBA_BOUNDSCHECK="1")[0] == usual != ""
