// The teacher's page: steps of the class above, the live page below.
import { changed, follow, score, send, sentence, verdict } from "./class.js";
import { language, loadWords, node, percent, say, startsOn, switches } from "./words.js";
import { live } from "./live.js";

const query = new URLSearchParams(location.search);
const SHOWN = { claim: ["worlds", "bets", "assumptions"], move: ["bets", "worlds"] };
const SCRIPT = 8; // lines
let view = null;
let page = null; // the live page
let link = ""; // what its sliders say
let projecting = false;
let later = 0;
let built = null;

loadWords(query.get("language"), "class").then(async () => {
  document.title = document.querySelector("h1").textContent = say("class.teacher");
  const lost = node("p", { class: "lost", role: "status", hidden: true }, say("class.lost"));
  const main = document.querySelector("main");
  document.body.insertBefore(lost, main);
  document.querySelector("header").append(
    node("a", { class: "button", href: `/screen?language=${language}`, target: "screen" }, say("class.open_screen")),
    ...switches(() => page && page.redraw()));
  const [facts, claims, firms] = await Promise.all(["/facts.json", "/claims.json", "/firms.json"].map((one) =>
    fetch(one).then((found) => found.json())));
  startsOn(facts.start);
  follow("/stream", (now) => {
    view = now;
    if (!built) built = build(main, facts, claims, firms);
    built(now);
  }, (gone) => { lost.hidden = !gone; });
});

function build(main, facts, claims, firms) {
  const wrong = node("p", { class: "error", role: "alert", hidden: true });
  const act = async (path, body, button) => {
    wrong.hidden = true;
    if (button) button.disabled = true;
    try {
      await send(path, body);
    } catch (error) {
      wrong.textContent = error.message;
      wrong.hidden = false;
    }
    if (button) button.disabled = false;
  };
  const button = (key, path, body) => {
    const made = node("button", { type: "button", onclick: () => act(path, body(), made) }, say(key));
    return made;
  };

  const claim = node("select", { class: "wide", "aria-label": say("class.claim") },
    ...claims.map((one) => new Option(one.said[language], one.name)));
  const said = node("p", {});
  const meaning = node("p", { class: "quiet" });
  const tellMeaning = () => {
    const one = claims.filter((other) => other.name === claim.value)[0];
    said.textContent = say("class.by", { by: one.by[language] });
    meaning.textContent = one.means[language];
  };
  claim.addEventListener("change", tellMeaning);
  tellMeaning();
  const outcome = node("select", { class: "wide", "aria-label": say("live.outcome") },
    ...facts.outcomes.map((one) => new Option(one.label[language], one.name)));
  const from = node("select", { class: "wide", "aria-label": say("class.from") },
    new Option(say("class.from_baseline"), "base"), new Option(say("class.from_last"), "last"));
  const before = () => (from.value === "last" && view.rounds.length
    ? view.rounds[view.rounds.length - 1].about.question : `preset=baseline&seed=${view.seed}`);

  const steps = {
    lobby: button("class.step.lobby", "/step", () => ({ to: "lobby" })),
    bet: button("class.step.bet", "/step", () => ({ to: "bet" })),
    reveal: button("class.step.reveal", "/reveal", () => ({})),
    play: button("class.step.play", "/step", () => ({ to: "play" })),
    debrief: button("class.step.debrief", "/step", () => ({ to: "debrief" })),
  };
  const firm = node("select", { class: "wide", "aria-label": say("class.firm") },
    ...firms.map(([id, name]) => new Option(name[language], id)));
  const newGame = button("class.new_game", "/play", () => ({ firm: firm.value, question: link }));
  const quarter = button("class.end_quarter", "/quarter", () => ({}));
  const askClaim = button("class.ask_claim", "/ask", () => ({ kind: "claim", claim: claim.value, question: link }));
  const askMove = button("class.ask_move", "/ask", () => ({ kind: "move", outcome: outcome.value,
    question: link, before: before() }));
  const now = node("div", { class: "now" });
  const shows = node("p", { class: "row" });
  const people = node("ol", { class: "people" });
  const reach = node("div", {});
  const done = node("ol", { class: "done" });

  const paper = node("input", { type: "text", "aria-label": say("class.paper"), placeholder: say("class.paper_how") });
  const enter = node("button", { type: "button", onclick: () => act("/paper", { bets: read(paper.value) }, enter) },
    say("class.paper_enter"));
  const project = node("button", { type: "button", "aria-pressed": "false", onclick() {
    projecting = !projecting;
    project.setAttribute("aria-pressed", String(projecting));
    if (projecting) act("/show", { picture: "live", link });
    else act("/show", { picture: "worlds" });
  } }, say("class.project"));
  const peek = node("button", { type: "button", "aria-pressed": "false", onclick() {
    const on = document.body.classList.toggle("peek");
    peek.setAttribute("aria-pressed", String(on));
  } }, say("class.peek"));

  const panel = node("div", { class: "panel" },
    node("section", { "aria-label": say("class.steps") },
      node("p", { class: "row steps" }, steps.lobby, node("span", { class: "step" }, say("class.step.ask")),
        steps.bet, steps.reveal, steps.play, steps.debrief), wrong, now, shows,
      node("details", {}, node("summary", {}, say("class.paper")),
        node("p", { class: "row" }, paper, enter), node("p", { class: "quiet" }, say("class.paper_help")))),
    node("section", { "aria-label": say("class.step.ask") }, node("h2", {}, say("class.step.ask")),
      claim, said, node("p", { class: "row" }, askClaim),
      node("p", { class: "quiet" }, say("class.ask_help")),
      node("details", {}, node("summary", {}, say("class.tested")), meaning),
      node("details", {}, node("summary", {}, say("class.ask_move")), outcome, from,
        node("p", { class: "row" }, askMove)),
      node("details", {}, node("summary", {}, say("class.play")), firm, node("p", { class: "row" }, newGame),
        node("p", { class: "quiet" }, say("class.play_help")))),
    node("section", { "aria-label": say("class.people") }, reach,
      node("details", {}, node("summary", {}, say("class.people")), people),
      node("details", {}, node("summary", {}, say("class.asked_so_far")), done),
      node("details", {}, node("summary", {}, say("class.export")), node("p", { class: "row" }, ...["questions", "bets", "scores", "calibration", "decisions"].map((one) =>
        node("a", { class: "button", href: `/export/${one}.csv`, download: `${one}.csv` }, say(`class.csv.${one}`))),
      node("a", { class: "button", href: "/export/class.xlsx", download: "class.xlsx" }, say("class.workbook")))),
      node("details", {}, node("summary", {}, say("class.script")),
        node("ol", { class: "script" }, ...Array.from({ length: SCRIPT }, (_, k) =>
          node("li", {}, say(`class.script.${k + 1}`)))))));
  const below = node("div", {});
  main.append(panel, node("p", { class: "row bar" }, project, peek, node("span", { class: "quiet" }, say("class.live_help"))), below);
  const at = query.get("preset") ? location.search : `?seed=${view.seed}`;
  page = live(below, facts, at, { asked(to) {
    link = to;
    if (!projecting || later) return;
    later = setTimeout(() => { later = 0; act("/show", { picture: "live", link }); }, 300);
  } });

  return (seen) => {
    document.body.dataset.step = seen.step;
    for (const name of Object.keys(steps))
      steps[name].setAttribute("aria-pressed", String(seen.step === name));
    panel.querySelector(".step").classList.toggle("on", seen.step === "ask");
    const round = seen.rounds[seen.rounds.length - 1];
    const open = seen.round && !round.answer;
    steps.bet.disabled = !open;
    steps.reveal.disabled = !open;
    now.textContent = "";
    if (seen.round) now.append(...sentence(seen.round).filter(Boolean));
    if (open) now.append(node("p", { class: "count" }, say("class.bets_of", { count: round.count, joined: seen.members.length })));
    if (seen.round && round.answer) now.append(node("p", { class: "verdict" }, verdict(seen.round, round.answer)));
    steps.play.disabled = !seen.game;
    if (seen.step === "play") {
      const { game } = seen;
      now.append(node("p", { class: "asked" }, say(game.quarter === game.quarters ? "class.over" : "class.all_run", {
        firm: game.firm[language], quarter: game.quarter + 1, of: game.quarters })));
      now.append(node("p", { class: "count" }, say("class.teams_sent", { sent: game.sent.length, of: game.playing.length })));
      if (game.quarter < game.quarters) {
        quarter.disabled = !game.playing.length || (game.closed && quarter.disabled);
        now.append(quarter);
      }
    }
    project.disabled = ["ask", "bet", "play"].indexOf(seen.step) >= 0;
    if (project.disabled || seen.shown.picture !== "live") {
      projecting = false;
      project.setAttribute("aria-pressed", "false");
    }
    shows.textContent = "";
    const main = seen.round && claims.some((one) => one.name === seen.round.claim && one.reading);
    const pictures = seen.step === "reveal" ? SHOWN[seen.round.kind].concat(main ? ["readings"] : [],
      ["calibration", "scores"])
      : seen.step === "debrief" ? (seen.game && seen.game.results.length ? ["paths", "ranking"] : [])
        .concat(["calibration", "scores"]) : [];
    if (pictures.length) shows.append(node("span", {}, say("class.show")));
    pictures.forEach((name, k) => {
      const made = button(`class.show.${name}`, "/show", () => ({ picture: name }));
      made.setAttribute("aria-pressed", String(seen.shown.picture === name || (!seen.shown.picture && !k)));
      shows.append(made);
    });
    tellReach(reach, seen, act);
    people.textContent = "";
    for (const one of seen.members)
      people.append(node("li", {}, one.name, " ", node("span", { class: "quiet" },
        one.brier === null ? "" : `${score(one.brier)} · ${say("class.rank", { place: one.place })}`),
      node("button", { type: "button", class: "small", "aria-label": say("class.rename", { name: one.name }),
        onclick: () => act("/rename", { member: one.number }) }, "×")));
    done.textContent = "";
    for (const one of seen.rounds.filter((other) => other.answer))
      done.append(node("li", {}, one.about.kind === "claim" ? one.about.said[language]
        : say("class.which_way", { label: one.about.label[language] }), ` ${changed(one.about.changes).join("; ")} `,
      node("strong", {}, one.about.kind === "claim" ? percent(one.answer.hits / one.answer.worlds)
        : say(`class.${one.answer.way}`))));
  };
}

function tellReach(box, seen, act) {
  box.textContent = "";
  const came = seen.reach.came > 0;
  const choose = node("select", { "aria-label": say("class.addresses"), onchange: () =>
    act("/address", { place: Number(choose.value) }) },
  ...seen.reach.addresses.map((one, k) => new Option(one, k)));
  choose.value = seen.reach.chosen;
  box.append(node("h2", {}, say("class.code"), " ", node("strong", {}, seen.code), " · ",
    say("class.joined", { count: seen.members.length })),
  node("p", {}, choose),
  node("p", { class: came ? "came" : "error" }, came ? say("class.came") : say(seen.reach.alone ? "class.alone" : "class.none_came")));
}

// Bets on paper: "12 x 40" for how many and their mean, "30, 45, 60" for a list, "up 3, down 4".
function read(text) {
  const ways = { up: "up", same: "same", down: "down" };
  for (const way of Object.keys(ways)) ways[say(`class.${way}`).toLowerCase()] = way;
  return text.split(/[,，、;；\n]+/).map((one) => one.trim().toLowerCase()).filter(Boolean).map((one) => {
    const many = one.match(/^(\d+)\s*[x×*]\s*(\d+(?:\.\d+)?)\s*%?$/);
    if (many) return [Number(many[1]), Number(many[2])];
    const way = one.match(/^(\D+?)\s*(\d+)$/);
    if (way && ways[way[1]]) return [Number(way[2]), ways[way[1]]];
    return [1, Number(one.replace("%", ""))];
  });
}
