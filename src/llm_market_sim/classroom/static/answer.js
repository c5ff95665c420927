// An answer of the worlds in words.
// answer: what the server says of a question. look: {label, show(x), holds: counts of the claim}
import { date, number, percent, say } from "./words.js";

export function headline(answer, look) {
  const end = date(answer.week);
  if (!answer.claim)
    return say("said.mean", { label: look.label, date: end, now: look.show(answer.paired.after),
      before: look.show(answer.paired.before) });
  const { before, after } = answer.claim;
  return say("said.claim", {
    date: end, low: look.holds[0], high: look.holds[look.holds.length - 1],
    hits: after.hits, worlds: answer.worlds, share: percent(after.hits / answer.worlds),
    from: percent(after.low), to: percent(after.high),
    before: percent(before.hits / answer.worlds) });
}

export function difference(answer, look) {
  const p = answer.paired;
  if (p.same === answer.worlds) return say("pair.none", { worlds: answer.worlds });
  const points = (x) => say("pair.points", { points: number(Number((100 * x).toPrecision(2))) });
  const show = look.show === percent ? points : look.show;
  const signed = (x) => (x > 0 ? "+" : x < 0 ? "−" : "") +
    show(Number(Math.abs(x).toPrecision(2)));
  return say("pair.some", { same: p.same, worlds: answer.worlds, rose: p.rose, fell: p.fell,
    mean: signed(p.mean), low: signed(p.low), high: signed(p.high) });
}
