"""What ``class`` says before it serves: which class it is, and by which addresses it is reached."""

from __future__ import annotations

import io
import time
from typing import TYPE_CHECKING

from llm_market_sim.cli.tell import tell
from llm_market_sim.errors import mistake
from llm_market_sim.results.rules import code_version

if TYPE_CHECKING:
    from llm_market_sim.classroom.log import Keeper
    from llm_market_sim.classroom.reach import Reach


def begin(keeper: Keeper, code: str | None) -> str:
    """Open a new class, or go on with the one of the file; a sentence about it. InputError for a
    code that is none, or another one than that of the file."""
    import secrets

    from llm_market_sim.classroom.class_server import CODE_LETTERS
    from llm_market_sim.classroom.room import after

    given = code.upper() if code is not None else None
    if given is not None and not (len(given) == 4 and set(given) <= set(CODE_LETTERS)):
        raise mistake("--code", f'"{code}" must be four of the letters {CODE_LETTERS}')
    room, file = keeper.room, keeper.log.file
    if room.events:
        if given not in (None, room.code):
            text = f"{file} holds the class {room.code}; name another file with --room"
            raise mistake("--code", text)
        day = time.strftime("%Y-%m-%d %H:%M", time.localtime(keeper.log.events()[0][0]))
        return tell(
            "Going on with class {code} of {day} in {file}: {joined} joined, {asked} questions. "
            "For a new class name another file with --room.",
            code=room.code,
            day=day,
            file=file,
            joined=len(room.members),
            asked=len(room.rounds),
        )
    drawn = given or "".join(secrets.choice(CODE_LETTERS) for _ in range(4))
    seed = sum(CODE_LETTERS.index(one) * 24**k for k, one in enumerate(reversed(drawn)))
    event = {"kind": "open", "code": drawn, "seed": seed, "version": code_version()}
    keeper.log.add([(time.time(), event)])
    keeper.room = keeper.ahead = after(room, event)
    told = "A new class, {code}, kept in {file}; its luck is seed {seed}."
    return tell(told, code=drawn, file=file, seed=seed)


def told(reach: Reach, code: str, teacher: int, key: str, language: str) -> str:
    """All addresses, and the first as a QR code where the terminal can show one."""
    import segno

    end = f"?language={language}" + (f"&key={key}" if key else "")
    host = reach.names[0] if key else "127.0.0.1"
    lines = [
        "",
        tell("Teacher    {address}", address=f"http://{host}:{teacher}/{end}"),
        tell("Projector  {address}", address=f"http://{host}:{teacher}/screen{end}"),
    ]
    for place in range(len(reach.names)):
        phones = "Phones     {address}   code {code}" if place == 0 else "or         {address}"
        lines.append(tell(phones, address=reach.address(place), code=code))
    if reach.alone:
        lines.append(
            tell(
                "This machine is not on a network, so no phone can connect: open a hotspot on it\n"
                "or on a phone, and start again. More ways are in docs/class.md."
            )
        )
    else:
        out = io.StringIO()
        segno.make(f"{reach.address()}/?code={code}", error="l").terminal(out, compact=True)
        lines += ["", out.getvalue().rstrip("\n"), ""]
        lines.append(
            tell("No phone has connected yet; you will see it here and on the teacher's page.")
        )
    lines.append(tell("Ctrl-C ends it; the same command goes on."))
    return "\n".join(lines)
