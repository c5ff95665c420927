// Homework: a firm run by one person, beside others who follow shipped policies. All of it is in the link.
import { paths, ranking } from "./class_charts.js";
import { choosing, standing } from "./class.js";
import { language, loadWords, node, number, say, switches } from "./words.js";

const query = new URLSearchParams(location.search);
const names = (team) => (team === "me" ? say("alone.you") : say(`alone.policy.${team}`));
const usd = (musd) => say("class.usd", { amount: number(1e6 * musd) });
let main = null;
let now = null;

loadWords(query.get("language"), "class").then(() => {
  main = document.querySelector("main");
  document.title = document.querySelector("h1").textContent = say("alone.title");
  document.querySelector("header").append(node("a", { class: "button", href: `/?language=${language}` },
    say("alone.live")), ...switches(() => now && show()));
  let width = innerWidth;
  addEventListener("resize", () => {
    if (now && width !== innerWidth) show();
    width = innerWidth;
  });
  query.delete("language");
  ask(query);
});

// What a link asks for is played, and stands in the page's address from then on.
async function ask(asked) {
  main.setAttribute("aria-busy", "true");
  let found;
  try {
    const headers = { "Accept-Language": document.documentElement.lang };
    found = await fetch(`/homework?${asked}`, { headers });
  } catch (error) {
    return wrong(say("live.gone"));
  }
  const answer = await found.json();
  if (!found.ok) return wrong(answer.error.join("\n"));
  now = answer;
  const to = new URLSearchParams(now.link);
  to.set("language", language);
  history.replaceState(null, "", `?${to}`);
  show();
}

function wrong(words) {
  main.removeAttribute("aria-busy");
  for (const one of main.querySelectorAll("button:disabled")) one.disabled = false;
  main.append(node("p", { class: "error", role: "alert" }, words));
}

// The link with another firm, scenario or luck, and nothing decided yet.
function begin(changes) {
  const to = new URLSearchParams(now.link);
  for (let k = 1; k <= now.quarters; k++) to.delete(`q${k}`);
  for (const name of Object.keys(changes)) to.set(name, changes[name]);
  ask(to);
}

function settings() {
  const choice = (key, all, value, name) => {
    const select = node("select", { class: "wide", "aria-label": say(key), onchange: () =>
      begin({ [name]: select.value }) }, ...Object.keys(all).map((one) => new Option(all[one][language], one)));
    select.value = value;
    return node("label", { class: "choice" }, say(key), select);
  };
  const seed = node("input", { type: "number", min: 0, max: 999999, value: now.seed,
    onchange: () => begin({ seed: Math.max(0, Math.floor(Number(seed.value))) }) });
  return node("details", { open: !now.decisions.length }, node("summary", {}, say("alone.settings")),
    choice("alone.firm", now.firms, now.firm, "firm"), choice("live.preset", now.presets, now.preset, "preset"),
    node("label", { class: "choice" }, `${say("live.seed")} `, seed));
}

function deciding() {
  const quarter = now.decisions.length;
  const last = now.decisions[quarter - 1];
  const draft = {};
  for (const name of Object.keys(now.choices)) draft[name] = last ? last[name] : "usual";
  const go = node("button", { type: "button", class: "sure", id: "end", onclick() {
    go.disabled = true;
    note.textContent = say("class.computing");
    const to = new URLSearchParams(now.link);
    const chosen = Object.keys(draft).filter((name) => draft[name] !== "usual");
    to.set(`q${quarter + 1}`, chosen.map((name) => `${name}.${draft[name]}`).join(","));
    ask(to);
  } }, say("class.end_quarter"));
  const note = node("p", { role: "status" });
  return [...choosing(now.choices, draft), go, note];
}

function show() {
  const over = now.decisions.length === now.quarters;
  const firm = now.firms[now.firm][language];
  main.removeAttribute("aria-busy");
  main.textContent = "";
  const back = now.decisions.length ? node("button", { type: "button", onclick() {
    const to = new URLSearchParams(now.link);
    to.delete(`q${now.decisions.length}`);
    ask(to);
  } }, say("alone.back")) : null;
  const copy = node("button", { type: "button", onclick() {
    if (navigator.clipboard) navigator.clipboard.writeText(location.href)
      .then(() => { copy.textContent = say("take.copied"); });
  } }, say("take.link"));
  const last = now.results[now.results.length - 1];
  main.append(node("section", { class: "deciding", "aria-label": say("alone.decide") },
    node("p", { class: "asked" }, over ? say("class.over", { firm })
      : say("class.you_run", { firm, quarter: now.decisions.length + 1, of: now.quarters })),
    settings(), ...(over ? [] : deciding()),
    node("p", { class: "row" }, back, copy)));
  const told = node("section", { class: "told", "aria-label": say("alone.told") });
  main.append(told);
  if (!last) {
    told.append(node("p", {}, say("alone.how")));
  } else {
    const wide = Math.max(320, told.clientWidth);
    const size = wide < 500 ? 12 : 15;
    told.append(standing(last.teams.me), node("h2", {}, say("alone.ranking")),
      ranking(last, wide, 300, size, say("class.percentile_axis"), names),
      node("h2", {}, say("alone.paths", { firm })),
      paths(now.results, wide, 320, size, say("class.paths_axis"), usd, names));
  }
  told.append(node("p", { class: "quiet" }, `llm-market-sim ${now.version} ?${now.link}`));
}
