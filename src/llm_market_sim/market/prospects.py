"""What a firm can expect: of a run that it could pay for, and of open weights in its hands.

Several mechanisms and the policies look at these; none of them owns them.
"""

from __future__ import annotations

from llm_market_sim.market.arithmetic import log10, power
from llm_market_sim.market.codes import FINE_TUNE, FLOP_PER_HOUR, HOURS, MORE_GPUS, WEEKS
from llm_market_sim.market.firm import F, P, W
from llm_market_sim.market.rule import word

__all__ = ["affordable_hours", "expected_capability", "largest_run", "tuned", "weeks_of_run"]

_SIZE = 1e6  # hours of a run whose time on the cluster is given
_SHORTEST = 2.0  # weeks of any run on a cluster of usual speed


@word
def expected_capability(hours: float, week: float, lag: float, skill: float, p: P) -> float:
    """Capability (OOM) that a run of so many H100 hours gives: log compute plus known algorithms.

    K = log10(1.42e18 hours) + g_A (week - lag)/52 + skill: effective compute, so that twice the
    hours give log10 2 (scaling laws: Hoffmann et al. 2022; algorithms: Ho et al. 2024).
    """
    known = p.training.algorithms_oom_per_year * (week - lag) / WEEKS
    return log10(FLOP_PER_HOUR * hours) + known + skill


@word
def largest_run(f: F, p: P) -> float:
    """Hours beyond which a firm does not try, so many times its largest run so far.

    The first run is small, but for those who have tuned the models of others.
    """
    t = p.training
    known = max(f.best_run, t.first_run_hours) if f.route == FINE_TUNE else f.best_run
    return t.step_up * known if known > 0.0 else t.first_run_hours


@word
def affordable_hours(w: W, f: F, p: P, musd: float) -> float:
    """Hours of the run that so much money buys at today's rent, beside those of own cards.

    Time grows with size, and own hours come with time, so where there are own cards the two are
    found together.
    """
    t, c = p.training, p.compute
    most = largest_run(f, p)
    fewer = 1.0 if c.cluster_speed_means == MORE_GPUS else f.cluster_speed
    rented = 1e6 * musd / w.gpu_price
    own = f.cards * c.usable_share * HOURS  # a week
    hours = min(most, (rented + own * t.compute_weeks) * fewer / t.cost_multiple)
    if own > 0.0:
        for _ in range(3):
            before, weeks = hours, weeks_of_run(f, p, hours)
            hours = min(most, (rented + own * weeks) * fewer / t.cost_multiple)
            if hours == before:
                break
    return hours


@word
def weeks_of_run(f: F, p: P, hours: float) -> float:
    """Weeks that a run of so many hours takes on a firm's cluster."""
    weeks = p.training.compute_weeks * power(max(hours, 1.0) / _SIZE, p.training.size_exponent)
    return max(weeks, _SHORTEST) / f.cluster_speed


@word
def tuned(w: W, f: F, p: P) -> float:
    """What a firm gets out of open weights."""
    return w.open_weights + p.products.fine_tune_gain_oom + f.skill
