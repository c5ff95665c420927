// A lesson in one file: bet on the article's sentences, then turn three sliders between stops.
// All modules of this page share one scope, and its data stand in the page.
import { difference, headline } from "./answer.js";
import { distribution, weekly } from "./charts.js";
import { columns, dots } from "./class_charts.js";
import { chance, score, sentence, verdict } from "./class.js";
import { eventOf, language, languageOf, lightSwitch, node, percent, say, sayOr, shownIn, speak, startsOn,
  withUnit } from "./words.js";

const DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
const data = JSON.parse(document.getElementById("data").textContent);
const mine = data.sentences.map(() => ({ bet: null, sure: false }));
const state = { place: 0, preset: 0, stops: usualStops(), outcome: 0, bets: true, seen: true, way: "",
  right: 0, ways: 0, turns: false }; // the sliders would tell what the first sentence asks

startsOn(data.start);
turnTo(languageOf(""));

function turnTo(which) {
  speak(which, data.words[which]);
  const other = which === "zh" ? "en" : "zh";
  document.title = document.querySelector("h1").textContent = say("frozen.title");
  const header = document.querySelector("header");
  while (header.children.length > 1) header.removeChild(header.lastChild);
  header.append(lightSwitch(drawAll), node("button", { type: "button", lang: other,
    onclick: () => turnTo(other) }, say("other_language")));
  const main = document.querySelector("main");
  main.textContent = "";
  main.append(
    node("section", { id: "betting", "aria-label": say("frozen.bet") }),
    node("section", { id: "turning", "aria-label": say("frozen.turn"), hidden: !state.turns },
      node("div", { id: "controls" }), node("div", { id: "picture" })),
    node("p", { class: "quiet" }, say("frozen.made", { worlds: data.worlds, seed: data.seed,
      version: data.version })));
  showControls();
  drawAll();
}

function drawAll() {
  showBet();
  showPicture();
}

let width = innerWidth;
addEventListener("resize", () => { // a phone changes its height whenever it is scrolled
  if (width !== innerWidth) drawAll();
  width = innerWidth;
});

// Sentences

function showBet() {
  const box = document.getElementById("betting");
  const focused = document.activeElement && document.activeElement.id;
  const round = data.sentences[state.place];
  const own = mine[state.place];
  box.textContent = "";
  const left = node("div", {}, node("h2", {}, say("frozen.bet_of", { place: state.place + 1,
    of: data.sentences.length })), ...sentence(round.about).filter(Boolean));
  const right = node("div", {});
  box.append(left, right);
  if (own.sure) reveal(round, own, left, right);
  else left.append(...asked(own));
  if (focused && document.getElementById(focused)) document.getElementById(focused).focus();
}

function asked(own) {
  const out = node("output", { class: "percent" });
  const sure = node("button", { type: "button", class: "sure", id: "sure", onclick() {
    own.sure = true;
    turn();
    showBet();
    document.getElementById("next").focus();
  } }, say("class.sure"));
  const range = node("input", { type: "range", id: "chance", min: 0, max: 100, step: 1,
    "aria-label": say("class.chance"), oninput() {
      own.bet = Number(range.value);
      tell();
    } });
  function tell() {
    range.value = own.bet === null ? 50 : own.bet;
    out.textContent = own.bet === null ? "?" : chance(own.bet);
    range.setAttribute("aria-valuetext", chance(Number(range.value)));
    sure.disabled = own.bet === null;
  }
  tell();
  return [node("p", { class: "task" }, say("class.how_likely")), out, range,
    node("p", { class: "ends" }, node("span", {}, say("class.never")), node("span", {}, say("class.always"))),
    sure, state.turns ? null : node("button", { type: "button", onclick(event) {
      turn();
      event.target.remove();
    } }, say("frozen.to_sliders"))].filter(Boolean);
}

function turn() {
  state.turns = true;
  document.getElementById("turning").hidden = false;
  showPicture();
}

const brierOf = (bet, answer) => {
  const share = answer.hits / answer.worlds;
  return share * (1 - bet / 100) * (1 - bet / 100) + (1 - share) * (bet / 100) * (bet / 100);
};

function reveal(round, own, left, right) {
  const { answer, over } = round;
  const share = answer.hits / answer.worlds;
  const wide = Math.max(300, right.clientWidth);
  const marks = [{ at: 100 * share, fill: "now", said: say("class.mark_worlds", { share: percent(share) }) },
    { at: own.bet, fill: "ink", dash: true, said: say("class.mark_mine", { share: chance(own.bet) }) }];
  if (over) marks.push({ at: 100 * over.mean, fill: "less", range: over.range.map((x) => 100 * x),
    said: say("frozen.mark_assumed", { mean: percent(over.mean) }) });
  const done = data.sentences.map((one, k) => [one, mine[k]]).filter(([, bet]) => bet.sure);
  const mean = done.reduce((sum, [one, bet]) => sum + brierOf(bet.bet, one.answer), 0) / done.length;
  const go = (by) => () => {
    state.place = (state.place + by + data.sentences.length) % data.sentences.length;
    showBet();
    document.getElementById(mine[state.place].sure ? "next" : "chance").focus();
  };
  left.append(node("p", { class: "verdict", role: "status" }, verdict(round.about, answer)),
    node("p", { class: "task" }, say("class.my_score", { score: score(brierOf(own.bet, answer)),
      half: score(0.25) })),
    node("p", {}, over ? say("frozen.assumed", { draws: over.draws, mean: percent(over.mean),
      low: percent(over.range[0]), high: percent(over.range[1]) }) : say("frozen.no_assumptions")),
    node("p", {}, say("frozen.mean", { count: done.length, of: data.sentences.length, score: score(mean) })),
    node("p", { class: "row" }, node("button", { type: "button", onclick: go(-1) }, say("frozen.back")),
      node("button", { type: "button", id: "next", onclick: go(1) }, say("frozen.next"))));
  right.append(columns(answer, answer.worlds, wide, 230, 15, say("class.columns_label")),
    dots([], marks, wide, 150, 15, marks.map((one) => one.said).join("; ")));
}

// Sliders

function usualStops() {
  return data.stops.map((one) => one.values.indexOf(one.value));
}

// The place among the answers: a scenario, or the baseline at the stops of the sliders.
function place() {
  if (state.preset) return state.preset;
  return state.stops.reduce((at, stop, k) => at * data.stops[k].values.length + stop, 0) + data.presets.length;
}

function isUsual() {
  return !state.preset && String(state.stops) === String(usualStops());
}

function showControls() {
  const box = document.getElementById("controls");
  const presets = node("select", { class: "wide", "aria-label": say("live.preset"), onchange() {
    state.preset = Number(presets.value);
    state.stops = usualStops();
    showControls();
    moved();
  } }, ...data.presets.map((one, k) => new Option(one.label[language], k)));
  presets.value = state.preset;
  const outcome = node("select", { class: "wide", "aria-label": say("live.outcome"), onchange() {
    state.outcome = Number(outcome.value);
    moved();
  } }, ...data.outcomes.map((one, k) => new Option(one.label[language], k)));
  outcome.value = state.outcome;
  const first = node("input", { type: "checkbox", onchange() {
    state.bets = first.checked;
    moved();
  } });
  first.checked = state.bets;
  const about = data.presets[state.preset].about;
  box.textContent = "";
  box.append(node("h2", {}, say("frozen.turn")), node("p", {}, say("frozen.stops")),
    node("label", {}, say("live.outcome"), " ", outcome),
    node("label", {}, say("live.preset"), " ", presets),
    node("details", {}, node("summary", {}, say("frozen.about")),
      node("p", { lang: language in about ? language : "en" }, about[language] || about.en)),
    state.preset ? node("p", {}, say("frozen.sliders_of_baseline")) : "",
    ...data.stops.map(slider),
    node("p", {}, node("label", {}, first, " ", say("frozen.bet_first"))));
}

function slider(one, k) {
  const name = sayOr(`knob.${one.path}`, one.meaning[language]);
  const out = node("output", {});
  const range = node("input", { type: "range", min: 0, max: one.values.length - 1, step: 1, id: `stop-${k}`,
    "aria-label": name, oninput() {
      state.stops[k] = Number(range.value);
      tell();
      moved();
    } });
  function tell() {
    out.textContent = withUnit(one.values[state.stops[k]], one);
    range.setAttribute("aria-valuetext", out.textContent);
  }
  range.value = state.stops[k];
  range.disabled = state.preset > 0;
  tell();
  return node("div", { class: "knob" },
    node("details", {}, node("summary", {}, node("span", {}, name), out),
      node("p", {}, say("live.means", { meaning: one.meaning[language], source: one.source[language] }))),
    node("div", { class: "turn" }, range),
    node("p", { class: "ends quiet", "aria-hidden": "true" },
      ...one.values.map((value) => node("span", {}, withUnit(value, one)))));
}

// Something else is asked: it is shown at once, or after a bet on its direction.
function moved() {
  state.seen = !state.bets || isUsual();
  state.way = "";
  showPicture();
}

function unpacked(packed) {
  const rows = packed.rows.map((text) => {
    const row = [];
    for (let k = 0; k < text.length; k += 2)
      row.push(packed.low + (packed.high - packed.low) *
        (64 * DIGITS.indexOf(text[k]) + DIGITS.indexOf(text[k + 1])) / (DIGITS.length * DIGITS.length - 1));
    return row;
  });
  return packed.kind === "count" ? { kind: "count", worlds: rows.map((row) => row.map(Math.round)) }
    : { kind: "number", values: rows };
}

function answered(outcome) {
  const all = data.answers[outcome.name];
  const [after, mean, low, high, rose, fell, same] = all.of[place()].paired;
  const now = all.of[place()];
  return {
    kind: all.kind, edges: all.edges, week: all.week, worlds: data.worlds, way: now.way,
    before: all.of[0].columns, after: now.columns, weekly: unpacked(now.weekly),
    paired: { before: all.of[0].paired[0], after, mean, low, high, rose, fell, same },
    claim: now.claim ? { before: all.of[0].claim, after: now.claim } : undefined,
  };
}

function showPicture() {
  const box = document.getElementById("picture");
  const outcome = data.outcomes[state.outcome];
  const label = outcome.label[language];
  box.textContent = "";
  if (!state.seen) {
    const ways = ["up", "same", "down"].map((way) => node("button", { type: "button", class: "way", id: way,
      onclick() {
        Object.assign(state, { way, seen: true, ways: state.ways + 1 });
        if (way === answered(outcome).way) state.right += 1;
        showPicture();
      } }, say(`class.sign.${way}`), " ", say(`class.${way}`)));
    box.append(node("p", { class: "asked", role: "status" }, say("class.which_way", { label })),
      node("p", {}, say("class.from_baseline")), ...ways, node("button", { type: "button", onclick() {
        state.seen = true;
        showPicture();
      } }, say("frozen.show")));
    return;
  }
  const answer = answered(outcome);
  const look = { label, holds: answer.claim ? data.holds : [], show: shownIn(outcome.unit) };
  const wide = box.clientWidth;
  const events = data.presets[state.preset].events;
  const marks = Object.keys(events).map((name) => [events[name], eventOf(name)]);
  const mark = (kind, words) => node("span", {}, node("i", { class: kind }), words);
  box.append(node("p", { class: "verdict", role: "status" }, state.way ? say(
    state.way === answer.way ? "class.right" : "class.wrong", { bet: say(`class.${state.way}`) }) + (language === "zh" ? "" : " ") : "",
  headline(answer, look)),
  distribution(answer, Math.max(300, wide), 220, look), node("p", { class: "key quiet" },
    mark("now", say("key.now")), mark("ghost", say("key.ghost")),
    answer.claim ? mark("claim", say("key.claim")) : ""),
  node("p", {}, difference(answer, look)), weekly(answer, Math.max(300, wide), 220, look, marks));
  if (state.ways) box.append(node("p", {}, say("class.my_moves", { right: state.right, moves: state.ways })));
  box.append(node("p", { class: "quiet" }, data.links[place()]));
}
