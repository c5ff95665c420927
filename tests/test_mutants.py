"""The list of mutants is in step with the code: each can be made, and names tests that exist."""

from mutants import ROOT, SOURCE, listed


def test_every_mutant_can_be_made():
    faults = []
    for mutant in listed():
        file = ROOT / SOURCE / mutant.file
        found = file.read_text("utf-8").count(mutant.old) if file.is_file() else 0
        if found != 1 or mutant.old == mutant.new:
            faults.append(f"{mutant.said}: text found {found} times")
        for test in mutant.tests:
            path, *names = test.split("::")
            text = (ROOT / path).read_text("utf-8") if (ROOT / path).is_file() else ""
            if not text or any(f" {name}" not in text for name in names):
                faults.append(f"{mutant.said}: no test {test}")
    assert faults == []


def test_there_are_some_of_everything_that_gives_numbers():
    files = [mutant.file for mutant in listed()]
    wanted = {"market/mechanisms": 15, "market/policies": 4, "metrics": 10, "summary": 8,
              "scenario": 4, "results": 5, "market/observation": 5}  # fmt: skip
    count = {room: sum(file.startswith(room) for file in files) for room in wanted}
    assert {room: n for room, n in count.items() if n < wanted[room]} == {}
    said = [mutant.said for mutant in listed()]
    assert len(set(said)) == len(said)
