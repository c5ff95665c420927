"""The classroom: a live page for one person, and a room for a teacher, a projector and phones.

`question` says what can be asked, `solver` has the worlds that answer it, `answer` makes numbers
of pictures out of them, `server` speaks HTTP: `live` and `alone` for one person, `students` and
`teacher` for a class. `frozen` writes a lesson into one file. Pages are modules in `static`, and
what they say stands in `texts`, one file a language. Needs the extra ``class``.
"""

from llm_market_sim.classroom.question import Question, parse
from llm_market_sim.classroom.solver import Solver

__all__ = ["Question", "Solver", "parse"]
