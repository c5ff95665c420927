// What the three pages of a class share: their stream, what they send, and words for what is asked.
import { date, eventOf, language, node, number, percent, say, sayOr, withUnit } from "./words.js";

// Views as they come, each whole; lost(true) while there is no connection.
export function follow(address, take, lost) {
  let source = null;
  function open() {
    if (source) source.close();
    const mine = (source = new EventSource(address));
    mine.onmessage = (event) => {
      lost(false);
      take(JSON.parse(event.data));
    };
    mine.onerror = () => {
      if (mine !== source) return;
      lost(true);
      if (mine.readyState === EventSource.CLOSED) setTimeout(() => mine === source && open(), 1500);
    };
  }
  document.addEventListener("visibilitychange", () => document.hidden || open()); // after sleep
  addEventListener("online", open);
  addEventListener("pageshow", (event) => event.persisted && open());
  open();
}

// Send something; an Error with what is wrong, in words, where it is refused.
export async function send(path, body) {
  let found;
  try {
    found = await fetch(path, { method: "POST", headers: { "Content-Type": "application/json" },
      body: JSON.stringify(body) });
  } catch (error) {
    throw new Error(say("class.lost"));
  }
  if (found.ok) return;
  const { error } = await found.json();
  throw new Error(typeof error === "string" ? sayOr(error, error) : error.join("\n"));
}

// What was changed, a phrase each.
export function changed(changes) {
  return changes.map((one) => {
    if ("preset" in one) return `${say("class.preset")}: ${one.to[language]}`;
    if ("event" in one) {
      const when = (week) => (week === null ? say("live.off") : date(week));
      return `${eventOf(one.event)}: ${when(one.from)} → ${when(one.to)}`;
    }
    return `${sayOr(`knob.${one.path}`, one.meaning)}: ${withUnit(one.from, one)} → ${withUnit(one.to, one)}`;
  });
}

// What is asked, as a sentence, who said it, and under which changes.
export function sentence(round) {
  const list = changed(round.changes);
  if (round.kind === "move")
    return [node("p", { class: "asked" }, say("class.which_way", { label: round.label[language] })),
      node("ul", { class: "changes" }, ...list.map((one) => node("li", {}, one)))];
  return [node("p", { class: "asked" }, say("class.quoted", { said: round.said[language] })),
    node("p", { class: "by" }, say("class.by", { by: round.by[language] })),
    list.length ? node("ul", { class: "changes" }, ...list.map((one) => node("li", {}, one))) : null];
}

// How a firm stands after a quarter.
export function standing(one) {
  return node("table", {}, ...[["class.alive", `${one.alive} / ${one.worlds}`],
    ["class.cash", say("class.usd", { amount: number(1e6 * one.cash) })], ["class.share", percent(one.share)],
    ["class.worth", say("class.usd", { amount: number(1e6 * one.value) })],
    ["class.percentile", one.percentile.toFixed(0)], ["class.better", `${one.better} / ${one.worlds}`]].map(tell));
}

export const tell = ([key, value]) => node("tr", {}, node("td", {}, say(key)), node("td", { class: "right" }, value));

// What is decided in a quarter; what is chosen stands in the draft.
export function choosing(choices, draft) {
  return Object.keys(choices).map((name) => {
    const select = node("select", { class: "wide", id: `choose-${name}`, onchange() {
      draft[name] = select.value;
    } }, ...choices[name].map((one) => new Option(say(`class.${name}.${one}`), one)));
    select.value = draft[name];
    return node("label", { class: "choice" }, say(`class.${name}`), select);
  });
}

// A number that a regulator may want, as it is shown.
export function goalShown(goal, value) {
  return goal === "startup_share" ? percent(value) : goal === "best_capability" ? value.toFixed(1) : number(value);
}

export const score = (brier) => brier.toFixed(3);
export const chance = (percents) => percent(percents / 100);

// What the worlds say of what was asked.
export function verdict(round, answer) {
  if (round.kind === "move")
    return say(`class.went.${answer.way}`, { label: round.label[language], worlds: answer.worlds,
      up: answer.were.up, same: answer.were.same, down: answer.were.down });
  return say(answer.ties ? "class.holds_tied" : "class.holds", { hits: answer.hits, worlds: answer.worlds,
    share: percent(answer.hits / answer.worlds), low: percent(answer.low), high: percent(answer.high) });
}
