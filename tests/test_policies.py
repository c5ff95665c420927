"""A strategy sees what its firm sees, wishes what can be wished, and cannot break the books."""

import inspect
import sys
from itertools import count

import numpy as np
import pytest
from draws import draw

from llm_market_sim.cli.app import main
from llm_market_sim.errors import MarketSimError
from llm_market_sim.market.engine import Plain
from llm_market_sim.market.luck import key_of
from llm_market_sim.market.policies import policy
from llm_market_sim.market.sight import FirmView, Look, MarketView, quick
from llm_market_sim.market.state import COLUMNS, DEAD, Status
from llm_market_sim.market.wishes import CODES, WISHES
from llm_market_sim.mesa.model import MarketModel, Startup
from llm_market_sim.scenario import load
from llm_market_sim.simulation import ByHand, Worlds, simulate_block

FIRM, RIVAL = "minimax", "zhipu"
SMALL = {"population.stealth_firms": 6, "population.pool_firms": 20, "horizon_weeks": 6}
NUMBERS = [wish for wish in WISHES if wish not in CODES]
_COUNT = count()


def named(rule):
    """A rule registered under a name that nobody else has."""
    name = f"test policy {next(_COUNT)}"
    policy(name)(rule)
    return name


def followed(short, rule, *firms, weeks=6):
    """The baseline, in which some firms follow a rule."""
    name = named(rule)
    sets = [f'players.{firm}.policy="{name}"' for firm in firms or [FIRM]]
    return name, short(f"horizon_weeks={weeks}", *sets)


@pytest.fixture(scope="module")
def moment(short):
    """Three worlds of a busy market."""
    worlds = Worlds(short(pool=60), range(3), 4)
    worlds.advance(12)
    return worlds


def look(worlds, world=1, mine=None):
    return Look(worlds.world_records[world], quick(worlds.firm_records[world]), worlds.firms, mine)


# ---- what is wished ----


def deeper(weeks):
    return 1 / weeks


def fails_at_a_line(firm):
    return {"discount": deeper(int(firm.week))}


def ends_the_program(firm):
    sys.exit("enough")


def writes(firm):
    firm.cash = 1e9


def line_of(rule):
    return f"test_policies.py:{inspect.getsourcelines(rule)[1] + 1}: "


FAULTS = (
    (lambda f: {"till": 3.0}, 'wishes for "till"; allowed: backer, cards_musd, discount, filing'),
    (lambda f: {"price": 3.0}, "wishes wish_price = 3.0; allowed: at_cost, by_rule, free, match"),
    (lambda f: {"price": "fre"}, "wishes wish_price = 'fre'; did you mean \"free\"?"),
    (lambda f: {"price": {"consumers": "free"}}, 'segment "consumers"; did you mean "consumer"?'),
    (lambda f: {"route": 2}, "wishes wish_route = 2; allowed: by_payoff, fine_tune, foundation"),
    (lambda f: {"route": {"consumer": "wrapper"}}, "wishes wish_route = {"),
    (lambda f: {"wish_discuont": 0.1}, '"wish_discuont"; did you mean "discount"?'),
    (lambda f: {"discount": 0.1, "wish_discount": 0.2}, "wishes wish_discount twice"),
    (lambda f: {"discount": np.zeros(5)}, "a finite number is needed"),
    (lambda f: {"discount": "much"}, "wish_discount = 'much'; a number is needed"),
    (lambda f: {"filing": [None]}, "a number is needed"),
    (lambda f: {"discount": np.nan}, "week 0: wishes wish_discount = nan; a finite number"),
    (lambda f: {"training_musd": np.inf * f.cash}, "wish_training_musd = inf"),
    (lambda f: 0.3, "answers with float; wishes are a dict"),
    (lambda: {}, "TypeError: "),
    (lambda f: f.clock_incident, "clock_incident (until the next incident) is seen by no"),
    (lambda f: f.vc_pool_musd, "vc_pool_musd (venture money waiting to be placed) is"),
    (lambda f: f.cush, "has no attribute 'cush'; did you mean \"cash\"?"),
    (fails_at_a_line, line_of(deeper) + "ZeroDivisionError: division by zero"),
    (ends_the_program, line_of(ends_the_program) + "it ends the program (sys.exit)"),
    (writes, line_of(writes) + "AttributeError: cash is settled by the market's rules"),
)


def test_a_fault_of_a_function_names_policy_firm_and_week(short):
    for rule, complaint in FAULTS:
        name, scenario = followed(short, rule)
        with pytest.raises(MarketSimError) as caught:
            simulate_block(scenario, [7, 8], 1)
        told = str(caught.value)
        assert told.startswith(f'policy "{name}" of {FIRM}') and ", week 0: " in told, told
        assert complaint in told, told


def test_a_fault_of_a_class_names_policy_firm_and_week_in_both_faces(short):
    class Late:
        def decide(self):
            return {"discount": np.log(3.0 - self.week)} if self.week < 4 else {"discont": 1}

    class Spy:
        def decide(self):
            return {"training_musd": 0.5 * self.market.cash["zhipu"]}

    class Thief:
        def decide(self):
            self.cash = 1e9

    class Prophet:
        def decide(self):
            return {"discount": self.clock_incident}

    class Quitter:
        def decide(self):
            sys.exit()

    class Two:
        def decide(self):
            return {"discount": [0.1, 0.2]}

    here = "test_policies.py:"
    for rule, week, complaint in (
        (Late, 3, "wishes wish_discount = -inf; a finite number is needed"),
        (Spy, 0, "cash (cash) is not for rivals to see"),
        (Thief, 0, "cash is settled by the market's rules"),
        (Prophet, 0, "is seen by no firm"),
        (Quitter, 0, "it ends the program"),
        (Two, 0, "a finite number is needed"),
    ):
        name, scenario = followed(short, rule)
        model = MarketModel(agents={FIRM: rule}, seed=1, world=7, **SMALL)
        with np.errstate(divide="ignore"):
            with pytest.raises(MarketSimError) as batch:
                simulate_block(scenario, [7, 8], 1)
            with pytest.raises(MarketSimError) as mesa:
                model.run_model()
        for told, who in ((str(batch.value), name), (str(mesa.value), rule.__name__)):
            assert told.startswith(f'policy "{who}" of {FIRM}, week {week}: '), told
            assert complaint in told, told
            assert (here in told) == (rule not in (Late, Two)), told
        assert model.week == model.steps == week  # a step that is refused is none


def test_what_is_left_out_is_wished_by_the_standard_policy(short):
    def short_answer(firm):
        return {"discount": 0.2}

    def in_full(firm):
        share, reserve = load("baseline").training.spend_share["startup"], 26 / 52 * firm.burn
        return {
            "wish_training_musd": share * max(firm.cash + firm.credits - reserve, 0.0),
            "wish_filing": True, "wish_discount": 0.2, "wish_funding": 1, "backer": np.int64(1),
            "price": dict.fromkeys(("consumer", "public"), "by_rule"), "route": "by_payoff",
        }  # fmt: skip

    class ByFirm:
        def decide(self):
            return {"discount": 0.2}

    def no_answer(firm):
        return None

    one, *others = (
        simulate_block(followed(short, rule, weeks=20)[1], range(2), 1).final
        for rule in (short_answer, in_full, ByFirm)
    )
    usual, silent = (
        simulate_block(scenario, range(2), 1).final
        for scenario in (short("horizon_weeks=20"), followed(short, no_answer, weeks=20)[1])
    )
    for name in COLUMNS:
        for other in others:
            assert np.array_equal(getattr(one, name), getattr(other, name)), name
        assert np.array_equal(getattr(usual, name), getattr(silent, name)), name
    assert not np.array_equal(usual.price, one.price)


def test_no_wish_leads_out_of_what_the_mechanisms_allow(short):
    for value in (-1e308, -1.0, 0.5, 2.0, 1e308, True):

        def extreme(firm, value=value):
            return dict.fromkeys(NUMBERS, value)

        class Extreme:
            def decide(self, value=value):
                return dict.fromkeys(NUMBERS, value)

        for rule in (extreme, Extreme):
            _, scenario = followed(short, rule, *list(load("baseline").players))
            now = ByHand(Worlds(scenario, range(2), 4)).do("shock", "curves")
            till = np.clip(now.state.cash, 0.0, None)
            most = {
                "wish_training_musd": till + now.state.credits, "wish_cards_musd": 5.2 * till,
                "wish_marketing_musd": 5.2 * till, "wish_discount": 1.5, "wish_funding": 2.0,
            }  # fmt: skip
            decided, after = now.do("decide").state, now.advance().state
            for wish in NUMBERS:
                wished, least = getattr(decided, wish), -1.0 if wish == "wish_discount" else 0.0
                assert np.all((wished >= least) & (wished <= most.get(wish, 1.0))), (wish, value)
            assert all(not np.any(np.isnan(getattr(after, name))) for name in COLUMNS)
            assert np.all(after.price >= 0.0)
            assert np.all(after.cash[after.status >= DEAD] == 0.0)


def test_a_guest_is_heard_alike_on_two_threads_and_in_plain_python(short):
    _, scenario = followed(short, lambda f: {"discount": 0.3 if f.share < 0.1 else 0.0}, weeks=3)
    one, threads, plain = (
        Worlds(scenario, range(worlds), 1, engine=engine)
        for worlds, engine in ((4, None), (4, None), (1, Plain()))
    )
    one.advance(3)
    threads.advance(3, threads=2)
    plain.advance(3)
    for name in one.firm_records.dtype.names:
        assert np.array_equal(one.firm_records[name], threads.firm_records[name]), name
        assert np.array_equal(one.firm_records[name][:1], plain.firm_records[name]), name


def test_a_firm_that_is_gone_or_to_come_is_not_asked(short):
    asked = []

    def notes(firm):
        asked.append((firm.id, firm.alive, firm.cash > 0.0))
        return {"discount": 0.1 * firm.cash / firm.cash}

    pool = [n for n, p in load("baseline").players.items() if p.presence == "pool"][:2]
    _, scenario = followed(short, notes, FIRM, RIVAL, "baidu", *pool, weeks=30)
    run = simulate_block(scenario, range(6), 1)
    assert asked and all(alive for _, alive, _ in asked)
    assert len(asked) < 5 * 6 * 30
    assert all(np.all(np.isfinite(getattr(run.final, wish))) for wish in WISHES)


@pytest.mark.parametrize("wish", CODES)
def test_a_code_is_wished_by_its_name_or_its_number(short, wish):
    for name, code in CODES[wish].items():
        for given in (name, code, np.int8(code)):
            _, scenario = followed(short, lambda firm, given=given: {wish: given})
            now = ByHand(Worlds(scenario, range(2), 4)).do("decide")
            mine = Worlds(scenario, [0], 4).firms.slot(FIRM)
            assert np.all(getattr(now.state, wish)[..., mine] == code)


def test_a_wish_by_segment_leaves_the_others_to_the_standard_policy(short):
    _, scenario = followed(short, lambda firm: {"price": {"consumer": "free"}}, weeks=30)
    run = simulate_block(scenario, range(2), 1)
    mine, rival = run.firms.slot(FIRM), run.firms.slot(RIVAL)
    assert np.all(run.final.wish_price[:, 1:, mine] == 0)
    shown = run.final.alive[:, mine]
    assert np.any(shown) and np.all(run.final.price[shown, 0, mine] < 0.01)
    assert np.all(run.final.price[:, 1:, mine] > 0.0) and np.all(run.final.price[:, 0, rival] > 0)


# ---- what is seen ----


def test_a_firm_sees_its_own_columns_and_the_public_ones_of_others(moment):
    state, slot = moment.state(), moment.firms.slot(FIRM)
    mine = look(moment, mine=slot)
    view, rival = FirmView(mine, slot), FirmView(mine, moment.firms.slot(RIVAL))
    for name, column in COLUMNS.items():
        whole = getattr(state, name)
        if column.seen_by == "nobody":
            for seen in (view, rival, view.market):
                with pytest.raises((MarketSimError, AttributeError), match=name):
                    getattr(seen, name)
            continue
        if column.public:
            if column.shape in ("firm", "use") and name != "users":
                assert getattr(view.market, name)[RIVAL] == getattr(rival, name), name
            continue
        seen = getattr(view, name)
        seen = [*seen.values()] if isinstance(seen, dict) else seen
        assert np.array_equal(seen, whole[1, ..., slot]), name
        with pytest.raises(MarketSimError, match=f"{name} of {RIVAL} is not for its rivals"):
            getattr(rival, name)
        with pytest.raises(MarketSimError, match=f"^{name} .* is not for rivals to see"):
            getattr(view.market, name)
    with pytest.raises(MarketSimError, match=f"cash of {RIVAL}"):
        _ = rival.runway
    assert {"cash", "capability", "run_target", "skill"} <= {
        name for name, column in COLUMNS.items() if column.seen_by == "the firm"
    }
    assert {"served", "price", "status", "raised"} <= {
        name for name, column in COLUMNS.items() if column.public
    }


def test_nothing_private_of_a_rival_moves_a_wish(short):
    """All private columns of all others are shaken: who asks for everything wishes the same."""

    def curious(firm):
        total = firm.runway if firm.runway < 1e9 else 0.0
        for name, column in COLUMNS.items():
            if column.seen_by != "nobody" and column.shape == "firm":
                total += getattr(firm, name) if abs(getattr(firm, name)) < 1e9 else 1.0
            if column.public and column.shape == "firm":
                values = getattr(firm.market, name).values()
                total += sum(value for value in values if abs(value) < 1e9)
        return {"discount": 0.5 + 0.5 * np.sin(total), "funding": np.cos(total) ** 2}

    class Curious:
        def decide(self):
            return curious(self)

    for rule in (curious, Curious):
        _, scenario = followed(short, rule, weeks=20)
        now = ByHand(Worlds(scenario, range(3), 4)).advance(12)
        me = Worlds(scenario, [0], 4).firms.slot(FIRM)
        shaken = {}
        for name, column in COLUMNS.items():
            if not column.public:
                old = getattr(now.state, name)
                other = np.where(np.isinf(old), 3.0, old) + 0.25
                firms = column.shape in ("firm", "use")
                own = (np.arange(old.shape[-1]) == me) & firms
                shaken[name] = np.where(own, old, other)
        before, after = now.do("decide").state, now.set(**shaken).do("decide").state
        for wish in WISHES:
            one, two = (getattr(state, wish)[..., me] for state in (before, after))
            assert np.array_equal(one, two), wish
        assert not np.array_equal(before.wish_training_musd, after.wish_training_musd)


def test_the_market_is_the_firms_alive(moment):
    state, firms = moment.state(), moment.firms
    market = MarketView(look(moment, world=2))
    alive = {firms.ids[slot] for slot in np.flatnonzero(state.alive[2])}
    assert set(market.share) == set(market.price) == alive != set(firms.ids)
    assert sum(market.share.values()) == pytest.approx(1.0)
    assert market.price["baidu"]["consumer"] == state.price[2, 0, firms.slot("baidu")]
    assert market.kind["baidu"].name == "BIGTECH" and market.gpus["baidu"] > 0.0
    assert all(status < Status.ACQUIRED for status in market.status.values())
    with pytest.raises(AttributeError, match=r"the market shows no 'shares' of its firms; .*share"):
        _ = market.shares


def test_while_a_firm_decides_in_mesa_its_rivals_books_are_closed():
    class Nosy(Startup):
        def decide(self):
            rival = self.model.firms[RIVAL]
            assert rival.served == self.market.served[RIVAL] and self.cash > 0.0
            assert self.model.frontier == self.frontier
            return {"discount": getattr(rival, self.wants)}

    for wants, complaint in (
        ("cash", "cash of zhipu is not for its rivals"),
        ("runway", "cash of zhipu"),
        ("clock_sale", "is seen by no firm"),
    ):
        Nosy.wants = wants
        model = MarketModel(agents={FIRM: Nosy}, seed=1, **SMALL)
        with pytest.raises(MarketSimError, match=f'policy "Nosy" of {FIRM}, week 0: .*{complaint}'):
            model.step()
        assert model.firms[RIVAL].cash > 0.0 and model.firms[RIVAL].clock_sale > 0.0


def test_a_class_keeps_its_own_constants_and_methods(short):
    class Whole:
        part = 0.25

        def size(self):
            return self.part * self.cash

        def decide(self):
            return {"training_musd": self.size()}

    class Flat:
        def decide(self):
            return {"training_musd": 0.25 * self.cash}

    one, other = (
        simulate_block(followed(short, rule)[1], range(2), 1).final for rule in (Whole, Flat)
    )
    assert np.array_equal(one.cash, other.cash)


def test_luck_that_a_policy_draws_is_not_the_markets(short):
    drawn = []

    def gambler(firm):
        drawn.append(firm.draw("incident"))
        return {"discount": firm.draw("mixed strategy")}

    _, scenario = followed(short, gambler)
    one, two = (simulate_block(scenario, range(2), 1) for _ in range(2))
    assert np.array_equal(one.final.price, two.final.price)
    assert len({*drawn}) == len(drawn) // 2 > 10 and all(0 < x < 1 for x in drawn)
    of_market = draw("uniform", "incident", np.arange(6.0)[:, None], seed=1,
                     worlds=[0] * 6, firms=[key_of(FIRM)])  # fmt: skip
    assert not {*of_market.ravel()} & {*drawn}


# ---- what can be a policy ----


class Counts:
    def __init__(self):
        self.count = 0

    def decide(self):
        self.count += 1


def test_what_is_no_policy_is_refused_when_it_registers():
    class Mute:
        pass

    for rule, complaint in (
        (3, "not 3"),
        (Mute, "needs a method decide"),
        (Mute(), "not <"),
        (Counts, "Counts has an __init__, but a policy keeps nothing of its own between weeks"),
    ):
        with pytest.raises(TypeError, match=complaint):
            policy("test never")(rule)
    with pytest.raises(ValueError, match="already registered"):
        policy("standard")(lambda *_: {})


def test_what_a_policy_remembers_is_kept_in_mesa_alone(short):
    model = MarketModel(agents={FIRM: Counts}, seed=1, **SMALL)
    model.run_model()
    assert model.firms[FIRM].count == 6
    forgets = type("Forgets", (), {"decide": Counts.decide})
    with pytest.raises(MarketSimError, match=r"no attribute 'count'.*keeps nothing of its own"):
        simulate_block(followed(short, forgets)[1], [7], 1)


def test_a_faulty_policy_is_told_by_the_command_in_one_line(tmp_path, capsys):
    (tmp_path / "faulty_one.py").write_text(
        "from llm_market_sim import policy\n\n@policy('faulty one')\n"
        "class Faulty:\n    def decide(self):\n        return {'discount': 1 / (self.week - 2)}\n"
    )
    given = ["batch", "baseline", "-n", "3", "--seed", "1", "--set", "horizon_weeks=4", "-j", "1"]
    given += ["--set", 'players.minimax.policy="faulty one"', "--with"]
    assert main([*given, str(tmp_path / "faulty_one.py")]) == 1
    assert (
        'policy "faulty one" of minimax, week 2: faulty_one.py:6: ZeroDivisionError: '
        "float division by zero\n"
    ) in capsys.readouterr().err
