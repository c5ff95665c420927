// The projector's page: one chart and one sentence.
import { distribution } from "./charts.js";
import { calibrated, columns, dots, paths, ranking, readings, ways } from "./class_charts.js";
import { chance, follow, score, sentence, verdict } from "./class.js";
import { language, loadWords, node, number, percent, say, shownIn, startsOn, switches } from "./words.js";
import { live } from "./live.js";

const query = new URLSearchParams(location.search);
const facts = fetch("/facts.json").then((found) => found.json());
let main = null;
let view = null;
let shown = "";

loadWords(query.get("language"), "class").then(async () => {
  main = document.querySelector("main");
  const lost = node("p", { class: "lost", hidden: true }, say("class.lost"));
  document.body.insertBefore(lost, main);
  document.querySelector("header").append(node("span", { class: "join" }), node("span", { class: "came" }),
    ...switches(() => view && show(view)));
  startsOn((await facts).start);
  follow("/screen/stream", (now) => {
    view = now;
    show(now);
  }, (gone) => { lost.hidden = !gone; });
  addEventListener("resize", () => view && show(view));
});

const qr = (now) => node("img", { class: "qr", src: `/qr.svg?${now.reach.chosen}`, alt: say("class.qr") });

function show(now) {
  document.title = document.querySelector("h1").textContent = say("class.screen");
  const header = document.querySelector("header");
  header.querySelector(".join").textContent = say("class.join_at", {
    address: now.reach.typed, code: now.code });
  header.querySelector(".came").textContent = say("class.joined", { count: now.joined });
  const what = JSON.stringify([now.shown, language]);
  if (now.shown.picture === "live" && now.step !== "ask" && now.step !== "bet") {
    if (what !== shown) projected(now.shown.link);
    shown = what;
    return;
  }
  shown = "";
  main.className = "one";
  main.textContent = "";
  const parts = { lobby, ask, bet, reveal, play, debrief }[now.step];
  main.append(...parts(now).filter(Boolean));
}

function projected(link) {
  main.textContent = "";
  facts.then((found) => live(main, found, link, { address: false }));
}

// As large as the space below what stands above.
function chart(draw, share) {
  const width = Math.min(main.clientWidth - 32, 1800);
  const height = Math.max(240, innerHeight * (share || 0.56));
  return node("div", { class: "chart" }, draw(width, height, Math.max(22, Math.round(width / 46))));
}

function lobby(now) {
  return [node("div", { class: "lobby" }, qr(now), node("div", {},
    node("p", { class: "address" }, now.reach.typed),
    node("p", { class: "code" }, say("class.code"), " ", node("strong", {}, now.code)),
    node("p", { class: "count" }, say("class.joined", { count: now.joined }))))];
}

const ask = (now) => [...sentence(now.round), node("p", { class: "task" }, say("class.think"))];

const bet = (now) => [...sentence(now.round),
  node("p", { class: "count", role: "status" }, node("strong", {}, String(now.round.count)), " ",
    say("class.have_bet")), qr(now)];

function reveal(now) {
  const { round, answer, picture } = now;
  const head = node("p", { class: "verdict" }, verdict(round, answer));
  const small = node("p", { class: "by" }, round.kind === "move" ? "" : say("class.quoted",
    { said: round.said[language] }));
  if (now.shown.picture === "calibration" || now.shown.picture === "scores") return debrief(now);
  if (round.kind === "move") {
    if (now.shown.picture === "worlds")
      return [head, chart((w, h) => distribution(picture.picture, w / 1.6, h / 1.6, {
        label: round.label[language], holds: [], show: shownIn(round.unit) }))];
    return [head, chart((w, h, size) => ways(answer, w, h, size, say("class.ways_label")))];
  }
  if (now.shown.picture === "readings") {
    const span = (range) => ({ low: percent(range[0]), high: percent(range[1]) });
    const rows = now.shown.readings.map((one) => ({
      name: say(`class.reading.${one.claim}`),
      at: { mean: one.hits / one.worlds, range: [one.low, one.high], said: say("class.reading_at",
        Object.assign({ share: percent(one.hits / one.worlds) }, span([one.low, one.high]))) },
      over: { mean: one.over.mean, range: one.over.range, said: say("class.reading_over",
        Object.assign({ share: percent(one.over.mean) }, span(one.over.range))) } }));
    return [small, head, chart((w, h, size) => readings(rows, w, h, size, say("class.readings")), 0.55),
      node("p", { class: "below" }, say("class.readings_below", { draws: now.shown.readings[0].over.draws }))];
  }
  if (now.shown.picture === "bets" || now.shown.picture === "assumptions") {
    const marks = [{ at: 100 * answer.hits / answer.worlds, fill: "now",
      said: say("class.mark_worlds", { share: percent(answer.hits / answer.worlds) }) }];
    const bands = now.shown.bands;
    if (bands)
      marks.push({ at: 100 * bands.mean, fill: "less", range: bands.range.map((one) => 100 * one),
        said: say("class.mark_assumed", { mean: percent(bands.mean), low: percent(bands.range[0]),
          high: percent(bands.range[1]) }) });
    else if (answer.mean !== null)
      marks.push({ at: answer.mean, fill: "ink", dash: true, said: say("class.mark_class", { share: chance(answer.mean) }) });
    const below = bands ? say("class.assumed", { draws: bands.draws })
      : answer.mean === null ? say("class.nobody")
      : say("class.scores", { mean: score(answer.mean_brier), half: score(answer.half),
        each: answer.each_brier === null ? "–" : score(answer.each_brier), perfect: score(answer.perfect) });
    return [small, head, chart((w, h, size) => dots(bands ? [] : answer.bets, marks, w, h, size,
      marks.map((one) => one.said).join("; ")), 0.5), node("p", { class: "below" }, below)];
  }
  return [small, head, chart((w, h, size) => columns(picture, answer.worlds, w, h, size,
    say("class.columns_label")))];
}

const usd = (musd) => say("class.usd", { amount: number(1e6 * musd) });

function play(now) {
  const { game } = now;
  const over = game.quarter === game.quarters;
  const head = node("p", { class: "verdict" }, over ? say("class.over", { firm: game.firm[language] })
    : say(game.governs ? "class.all_rule" : "class.all_run", { firm: game.firm[language], quarter: game.quarter + 1, of: game.quarters }));
  const teams = over ? null : node("p", { class: "sent", role: "status" }, game.closed ? say("class.computing")
    : game.playing.length ? "" : say("class.choose_teams"), ...(game.closed ? [] : game.playing.map((team) =>
      node("span", { class: game.sent.indexOf(team) >= 0 ? "has" : "" }, String(team)))));
  const last = game.results[game.results.length - 1];
  return [head, teams, last ? chart((w, h, size) => ranking(last, w, h, size,
    say(game.governs ? "class.percentile_goal" : "class.percentile_axis"), teamNames(game)), 0.6)
    : node("p", { class: "below" }, say(game.governs ? "class.ruling_rules" : "class.game_rules"))];
}

// A team, and what it wants where it is the regulator.
function teamNames(game) {
  return (team) => (game.governs ? say("class.team_goal", { team, goal: say(`class.goal.${game.goals[team]}`) })
    : say("class.team", { team }));
}

// Quarter by quarter what is ranked: worth, or the percentile of a goal of one's own.
function ranked(game) {
  if (!game.governs) return game.results;
  const only = (one) => ({ value: one.percentile });
  return game.results.map((row) => ({ standard: only(row.standard), teams: Object.assign({},
    ...Object.keys(row.teams).map((team) => ({ [team]: only(row.teams[team]) }))) }));
}

function debrief(now) {
  if (now.game && now.game.results.length && (now.shown.picture === "paths" || !now.shown.picture))
    return [node("p", { class: "verdict" }, say(now.game.governs ? "class.paths_goal" : "class.paths",
      { firm: now.game.firm[language] })),
    chart((w, h, size) => paths(ranked(now.game), w, h, size, say("class.paths_axis"),
      now.game.governs ? (x) => x.toFixed(0) : usd, (team) => say("class.team", { team })), 0.68)];
  if (now.game && now.game.results.length && now.shown.picture === "ranking") return play(now);
  if (!now.best) return [node("p", { class: "asked" }, say("class.no_rounds"))];
  if (now.shown.picture === "scores" || !now.calibration.length) {
    const rows = now.best.map((one) => node("tr", {}, node("td", {}, String(one.place)),
      node("td", {}, one.name), node("td", { class: "right" }, one.brier === null ? "" : score(one.brier)),
      node("td", { class: "right" }, one.moves ? say("class.ways_right", { right: one.right, moves: one.moves }) : "")));
    return [node("p", { class: "verdict" }, say("class.best")), node("table", { class: "best" }, ...rows),
      node("p", { class: "below" }, say("class.half_means"))];
  }
  return [node("p", { class: "verdict" }, say("class.calibration")),
    chart((w, h, size) => calibrated(now.calibration, w, h, size, say("class.calibration")), 0.68)];
}
