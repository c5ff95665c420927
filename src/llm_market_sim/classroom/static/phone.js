// A student's page: one task at a time.
import { dots } from "./class_charts.js";
import { chance, choosing, follow, goalShown, score, send, sentence, standing, tell, verdict } from "./class.js";
import { language, loadWords, node, number, percent, say, switches } from "./words.js";

const query = new URLSearchParams(location.search);
const drafts = {}; // what was moved to and not sent yet, by round, or by game, team and quarter
let main = null;
let lost = null;
let view = null;

loadWords(query.get("language"), "class").then(start);

async function start() {
  main = document.querySelector("main");
  document.querySelector("header").append(...switches(() => view && show(view)));
  lost = node("p", { class: "lost", role: "status", hidden: true }, say("class.lost"));
  document.body.insertBefore(lost, main);
  const me = await (await fetch("/me")).json();
  if (me.joined) enter();
  else askName();
}

function title(words) {
  document.title = document.querySelector("h1").textContent = words;
}

function problem() {
  return node("p", { class: "error", role: "alert", hidden: true });
}

function warn(box, error) {
  box.textContent = error.message;
  box.hidden = false;
}

function askName() {
  title(say("class.join"));
  const wrong = problem();
  const field = (key, more) => {
    const input = node("input", Object.assign({ type: "text", autocomplete: "off" }, more));
    return [node("label", {}, say(key), input), input];
  };
  const [codeLabel, code] = field("class.code", { maxlength: 4, autocapitalize: "characters", required: true });
  const [nameLabel, name] = field("class.name", { maxlength: 20, required: true });
  const [secretLabel, secret] = field("class.secret", { maxlength: 4, inputmode: "numeric" });
  code.value = query.get("code") || "";
  const again = node("details", {}, node("summary", {}, say("class.again")), secretLabel);
  const form = node("form", { class: "join", async onsubmit(event) {
    event.preventDefault();
    wrong.hidden = true;
    try {
      await send("/join", { code: code.value, name: name.value, secret: secret.value });
      enter();
    } catch (error) {
      if (error.message === say("refused.name")) again.open = true;
      warn(wrong, error);
    }
  } }, codeLabel, nameLabel, again, wrong, node("button", { class: "sure" }, say("class.go")),
  node("p", { class: "quiet" }, say("class.stored")));
  main.textContent = "";
  main.append(form);
}

function enter() {
  follow("/stream", (now) => {
    view = now;
    show(now);
  }, (gone) => {
    lost.hidden = !gone;
    if (gone) fetch("/me").then((me) => me.json()).then((me) => me.joined || location.reload(), () => {});
  });
}

function show(now) {
  title(now.me.name);
  const focused = document.activeElement && document.activeElement.id;
  main.textContent = "";
  const parts = { lobby, ask, bet, reveal, play, debrief }[now.step];
  main.append(...parts(now).filter(Boolean), node("p", { class: "quiet foot" },
    say("class.me", { number: now.me.number, secret: now.me.secret })));
  if (focused && document.getElementById(focused)) document.getElementById(focused).focus();
}

const lobby = () => [node("p", { class: "asked" }, say("class.wait"))];

const ask = (now) => [...sentence(now.round), node("p", { class: "task" }, say("class.think"))];

function bet(now) {
  return [...sentence(now.round), ...(now.round.kind === "move" ? direction(now) : percents(now))];
}

async function place(now, value, wrong) {
  try {
    await send("/bet", { round: now.round.place, bet: value });
    delete drafts[now.round.place];
  } catch (error) {
    warn(wrong, error);
  }
}

function percents(now) {
  const { place: round, mine } = now.round;
  const sent = mine !== null;
  const out = node("output", { class: "percent" });
  const wrong = problem();
  const sure = node("button", { type: "button", class: "sure", id: "sure", onclick: () =>
    place(now, Number(range.value), wrong) }, say("class.sure"));
  const range = node("input", { type: "range", id: "chance", min: 0, max: 100, step: 1,
    "aria-label": say("class.chance"), oninput() {
      drafts[round] = Number(range.value);
      tellValue();
    } });
  const note = node("p", { class: "task", role: "status" });
  function tellValue() {
    const moved = round in drafts;
    range.value = moved ? drafts[round] : sent ? mine : 50;
    out.textContent = moved || sent ? chance(Number(range.value)) : "?";
    range.setAttribute("aria-valuetext", chance(Number(range.value)));
    sure.disabled = !moved || drafts[round] === mine;
    note.textContent = sent && !(moved && drafts[round] !== mine)
      ? say("class.noted", { bet: chance(mine) }) : say("class.how_likely");
  }
  tellValue();
  return [note, out, range, node("p", { class: "ends" }, node("span", {}, say("class.never")),
    node("span", {}, say("class.always"))), wrong, sure];
}

function direction(now) {
  const { mine } = now.round;
  const wrong = problem();
  return [node("p", { class: "task", role: "status" }, mine === null ? say("class.choose")
    : say("class.noted", { bet: say(`class.${mine}`) })),
  ...["up", "same", "down"].map((way) => node("button", { type: "button", class: "way", id: way,
    "aria-pressed": String(mine === way), onclick: () => place(now, way, wrong) },
  say(`class.sign.${way}`), " ", say(`class.${way}`))), wrong];
}

function reveal(now) {
  const { round, answer } = now;
  const found = [...sentence(round), node("p", { class: "verdict" }, verdict(round, answer))];
  if (round.kind === "move") {
    found.push(node("p", { class: "task" }, round.mine === null ? say("class.no_bet_move")
      : say(round.mine === answer.way ? "class.right" : "class.wrong", { bet: say(`class.${round.mine}`) })));
  } else {
    const share = 100 * answer.hits / answer.worlds;
    const marks = [{ at: share, said: say("class.mark_worlds", { share: percent(share / 100) }), fill: "now" }];
    if (answer.mean !== null)
      marks.push({ at: answer.mean, said: say("class.mark_class", { share: chance(answer.mean) }), fill: "ink", dash: true });
    if (round.mine !== null)
      marks.push({ at: round.mine, said: say("class.mark_mine", { share: chance(round.mine) }), fill: "less" });
    found.push(dots([], marks, 358, 118, 15, marks.map((one) => one.said).join("; ")));
    found.push(node("p", { class: "task" }, round.mine === null ? say("class.no_bet")
      : say("class.my_score", { score: score(answer.brier), half: score(answer.half) })));
    if (answer.mean_brier !== null)
      found.push(node("p", {}, say("class.class_score", { score: score(answer.mean_brier) })));
  }
  return found.concat(placed(now));
}

function placed(now) {
  if (!now.score) return [];
  return [node("p", { class: "place" }, say("class.place", { place: now.score.place, of: now.of }))];
}

// How the firm of one's team stands, or what came of its rules.
function books(game) {
  const last = game.results[game.results.length - 1];
  const mine = last && last.teams[game.team];
  if (!mine || !game.governs) return mine ? standing(mine) : null;
  return node("table", {}, ...Object.keys(mine.means).map((goal) => [`class.measured.${goal}`,
    say("class.beside_standard", { value: goalShown(goal, mine.means[goal]),
      standard: goalShown(goal, last.standard.means[goal]) })]).concat([
    ["class.percentile", mine.percentile.toFixed(0)], ["class.better_goal", `${mine.better} / ${mine.worlds}`],
  ]).map(tell));
}

// What a team wants that is the regulator, chosen before the first quarter ends.
function goals(game, wrong) {
  if (!game.governs) return null;
  const chosen = game.goal || game.all_goals[0];
  if (game.quarter > 0) return node("p", {}, say("class.your_goal", { goal: say(`class.goal.${chosen}`) }));
  const select = node("select", { class: "wide", id: "goal", onchange() {
    send("/goal", { goal: select.value }).catch((error) => warn(wrong, error));
  } }, ...game.all_goals.map((one) => new Option(say(`class.goal.${one}`), one)));
  select.value = chosen;
  return node("label", { class: "choice" }, say("class.name_goal"), select);
}

function play(now) {
  const { game } = now;
  const wrong = problem();
  const over = game.quarter === game.quarters;
  const found = [node("p", { class: "asked" }, over ? say("class.over", { firm: game.firm[language] })
    : say(game.governs ? "class.you_rule" : "class.you_run", { firm: game.firm[language],
      quarter: game.quarter + 1, of: game.quarters }))];
  const teams = [node("p", { class: "task" }, say("class.which_team")),
    node("p", { class: "teams" }, ...Array.from({ length: game.teams }, (_, k) => node("button", {
      type: "button", onclick: () => send("/team", { team: k + 1 }).catch((error) => warn(wrong, error)) },
    String(k + 1))))];
  if (!game.team) return found.concat(teams, [wrong]);
  found.push(over || game.closed ? node("p", {}, say("class.team", { team: game.team }))
    : node("details", {}, node("summary", {}, say("class.team", { team: game.team })), ...teams)); // a wrong tap
  found.push(books(game));
  if (!over && !game.closed) found.push(goals(game, wrong));
  if (over) return found.filter(Boolean);
  if (game.closed) return found.filter(Boolean).concat([node("p", { class: "task", role: "status" }, say("class.computing"))]);
  const key = `play ${game.number} ${game.team} ${game.quarter}`;
  const draft = drafts[key] || (drafts[key] = Object.assign({}, game.decision));
  found.push(...choosing(game.choices, draft));
  return found.filter(Boolean).concat([wrong, node("button", { type: "button", class: "sure", id: "decide", onclick: () =>
    send("/decide", { quarter: game.quarter, decision: draft }).catch((error) => warn(wrong, error)) },
  say("class.sure")), node("p", { class: "task", role: "status" }, say(game.noted ? "class.decided" : "class.silence"))]);
}

function debrief(now) {
  const ran = now.game ? [node("p", { class: "verdict" }, `${say("class.team", { team: now.game.team })}: ` +
    now.game.firm[language]), books(now.game)] : [];
  if (!now.score && ran.length) return ran;
  if (!now.score) return [node("p", { class: "asked" }, say("class.no_rounds"))];
  const mine = now.score;
  return [node("p", { class: "asked" }, say("class.end")),
    mine.brier === null ? null : node("p", { class: "verdict" }, say("class.my_mean", { score: score(mine.brier) })),
    node("p", {}, say("class.half_means")),
    mine.moves ? node("p", {}, say("class.my_moves", { right: mine.right, moves: mine.moves })) : null,
    ...placed(now), ...ran];
}
