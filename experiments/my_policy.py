"""A policy of one's own: what becomes of a startup that is frugal?

A policy is a class with one method, `decide`. It is asked once a tick while its firm is alive, and
answers with what the firm wants; the market settles what it gets, so that no answer can break a
rule. What it sees, with the names that docs/model.md lists:

    self.cash, self.trailing_profit, …      its own firm, as plain numbers
    self.price["consumer"], self.share      by segment, and of all segments together
    self.open_weights, self.log_hype, …     what the world shows to everybody
    self.market.share["baidu"]              what all firms alive show to everybody, by id
    self.market.price["baidu"]["consumer"]

Rivals' cash is not for it to see. It is a function of these alone: in a batch it is asked for every
world and remembers nothing from week to week, so that a class with an __init__ is refused (in Mesa
it may have one, without arguments). Its wishes, each a number (what is left
out follows the standard policy):

    training_musd   million USD for a training run, if one begins now
    cards_musd      million USD a year for cards of its own
    marketing_musd  million USD a year for reach
    discount        share of the margin given away: 0 none, 1 a price at cost, above 1 below cost;
                    below 0 what growth and lost users are worth, as others do
    open            1 to open a model somewhat below its own, 0 not to
    funding         1 to take investors' money, 2 to hurry for a bridge, 0 not to
    filing          1 to file for a licence, 0 not to
    price           by_rule, match, premium, at_cost or free; one for all segments or by segment
    route           foundation, fine_tune, vertical, or by_payoff
    backer          1 to take a big tech as a backer, 0 not to

A scenario names the policy for a firm (``players: {minimax: {policy: frugal}}``) and the command
line names this module, since a scenario alone never runs code:

    llm-market-sim batch my_scenario.yaml --with experiments/my_policy.py

The same class plays one firm in Mesa: ``MarketModel("baseline", agents={"minimax": Frugal})``.
"""

from __future__ import annotations

from typing import Any

from llm_market_sim.market.policies import policy


@policy("frugal")
class Frugal:
    """Train small, keep nearly all of the margin, and take money when what is left is short."""

    def decide(self: Any) -> dict[str, float]:
        loss_per_week = max(-self.trailing_profit / 52, 0.0)
        reserve = 52 * loss_per_week
        return {
            "training_musd": 0.2 * max(self.cash - reserve, 0.0),
            "discount": 0.1,
            "funding": float(self.cash < 78 * loss_per_week),
            "filing": 1.0,
        }


def main(firm: str = "minimax", worlds: int = 40, seed: int = 1) -> None:
    """The firm in the same worlds, once as it was and once frugal."""
    from llm_market_sim.market.observation import composite_shares
    from llm_market_sim.scenario import load
    from llm_market_sim.simulation import simulate

    for name in ("standard", "frugal"):
        run = simulate(load("baseline", [f"players.{firm}.policy={name}"]), worlds, seed)
        slot = run.firms.slot(firm)
        alive = run.final.alive[:, slot].mean()
        share = composite_shares(run.final)[:, slot].mean()
        raised = run.final.raised[:, slot].mean()
        print(f"{name:>9}: alive {alive:4.0%}, share {share:6.2%}, raised {raised:5.0f} M USD "
              f"(means of {worlds} worlds, seed {seed})")  # fmt: skip


if __name__ == "__main__":
    main()
