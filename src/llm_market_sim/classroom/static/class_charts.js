// Charts of a class, large enough for the last row: columns of worlds, dots of bets, a calibration.
import { colours, draw, frame } from "./charts.js";
import { number, percent, say } from "./words.js";

const write = (x, y, said, fill, size, more) =>
  draw("text", Object.assign({ x, y, fill, "font-size": size, "text-anchor": "middle" }, more), said);

// Where the worlds ended: columns of x, filled where the sentence is true there.
export function columns(picture, worlds, width, height, size, label) {
  const c = colours();
  const n = picture.all.length;
  const few = picture.kind === "count";
  const box = { left: 10, right: width - 10, top: 1.5 * size, bottom: height - 2.9 * size };
  const wide = (box.right - box.left) / n;
  const most = Math.max(...picture.all, 1);
  const y = (k) => box.bottom - (k / most) * (box.bottom - box.top);
  const said = picture.all.map((k, j) => `${number((picture.edges[j] + picture.edges[j + 1]) / 2)}: ${k}`);
  const svg = frame(width, height, `${label}. ${said.filter((_, j) => picture.all[j]).join("; ")}`);
  for (let k = 0; k < n; k++) {
    const x = box.left + k * wide;
    const bar = (count, from, fill) => svg.append(draw("rect", { class: "grow", x: x + 0.06 * wide,
      y: y(from + count), width: 0.88 * wide, height: Math.max(0, y(from) - y(from + count)), fill }));
    bar(picture.true[k], 0, c.now);
    bar(picture.all[k] - picture.true[k], picture.true[k], c.ghost);
    if (few) {
      if (picture.all[k]) svg.append(write(x + wide / 2, y(picture.all[k]) - 0.35 * size,
        percent(picture.all[k] / worlds), c.ink, Math.min(size, 0.3 * wide)));
      svg.append(write(x + wide / 2, box.bottom + 1.1 * size,
        number((picture.edges[k] + picture.edges[k + 1]) / 2), c.ink, size));
    }
  }
  if (!few)
    for (const at of [0, 0.25, 0.5, 0.75, 1])
      svg.append(write(box.left + at * (box.right - box.left), box.bottom + 1.1 * size,
        number(picture.edges[0] + at * (picture.edges[n] - picture.edges[0])), c.ink, 0.85 * size,
        { "text-anchor": at === 0 ? "start" : at === 1 ? "end" : "middle" }));
  svg.append(draw("path", { d: `M${box.left} ${box.bottom}H${box.right}`, stroke: c.ink, fill: "none" }),
    write(width / 2, height - 0.5 * size, label, c.ink, 0.8 * size));
  return svg;
}

// Chances from 0 to 100 %: a dot a bet, the class's mean, what the worlds say, and one's own.
export function dots(bets, marks, width, height, size, label) {
  const c = colours();
  const box = { left: 1.6 * size, right: width - 1.6 * size, bottom: height - 1.7 * size };
  const x = (percents) => box.left + (percents / 100) * (box.right - box.left);
  const svg = frame(width, height, label);
  marks.forEach((one, k) => {
    const top = size * (1.2 + 1.3 * k);
    const end = x(one.at) > width / 2 ? "end" : "start";
    if (one.range)
      svg.append(draw("rect", { x: x(one.range[0]), y: box.bottom - 0.5 * size,
        width: Math.max(3, x(one.range[1]) - x(one.range[0])), height: 0.5 * size, fill: c[one.fill],
        opacity: 0.45 }));
    svg.append(draw("path", { d: `M${x(one.at)} ${top - 0.9 * size}V${box.bottom}`, stroke: c[one.fill],
      "stroke-width": one.dash ? 3 : 6, "stroke-dasharray": one.dash ? "8 6" : "none", fill: "none" }),
    write(x(one.at) + (end === "end" ? -0.4 : 0.4) * size, top, one.said, c.ink, size, {
      "text-anchor": end, "font-weight": one.dash ? 400 : 700, stroke: c.paper, "stroke-width": 6,
      "paint-order": "stroke" }));
  });
  const room = box.bottom - size * (1.6 + 1.3 * marks.length);
  const heights = {};
  const most = Math.max(1, ...bets.map((p) => (heights[Math.round(p / 4)] = (heights[Math.round(p / 4)] || 0) + 1)));
  const r = Math.max(2, Math.min(0.42 * size, room / (2.1 * most), (box.right - box.left) / 56));
  const stacked = {};
  bets.forEach((p) => {
    const at = Math.round(p / 4);
    stacked[at] = (stacked[at] || 0) + 1;
    svg.append(draw("circle", { class: "drop", cx: x(4 * at), cy: box.bottom - r * (2.1 * stacked[at] - 1),
      r, fill: c.line, stroke: c.paper }));
  });
  svg.append(draw("path", { d: `M${box.left} ${box.bottom}H${box.right}`, stroke: c.ink,
    "stroke-width": 2, fill: "none" }));
  for (const p of [0, 25, 50, 75, 100])
    svg.append(write(x(p), box.bottom + 1.2 * size, percent(p / 100), c.ink, 0.85 * size));
  return svg;
}

// Up, the same, down: what the class said beside where the worlds went.
export function ways(answer, width, height, size, label) {
  const c = colours();
  const people = answer.said.up + answer.said.same + answer.said.down;
  const rows = ["up", "same", "down"];
  const svg = frame(width, height, `${label}. ` + rows.map((way) => `${say(`class.${way}`)}: ` +
    `${answer.said[way]}, ${percent(answer.were[way] / answer.worlds)}`).join("; "));
  const tall = (height - 1.6 * size) / 3;
  const left = 6 * size;
  const long = width - left - 5 * size;
  rows.forEach((way, k) => {
    const y = k * tall + 0.4 * size;
    const bar = (share, at, fill, said) => {
      svg.append(draw("rect", { class: "grow", x: left, y: at, width: Math.max(2, share * long),
        height: 0.36 * tall, fill }),
      write(left + share * long + 0.4 * size, at + 0.18 * tall + 0.35 * size, said, c.ink, size, {
        "text-anchor": "start" }));
    };
    svg.append(write(left - 0.5 * size, y + 0.4 * tall + 0.3 * size, say(`class.${way}`), c.ink,
      1.1 * size, { "text-anchor": "end", "font-weight": way === answer.way ? 700 : 400 }));
    if (people) bar(answer.said[way] / people, y, c.line, String(answer.said[way]));
    bar(answer.were[way] / answer.worlds, y + 0.4 * tall, c.now, percent(answer.were[way] / answer.worlds));
  });
  svg.append(write(width / 2, height - 0.4 * size, label, c.ink, 0.8 * size));
  return svg;
}

// Whether what was called 70 % likely was true in 70 % of worlds.
export function calibrated(groups, width, height, size, label) {
  const c = colours();
  const side = Math.min(width - 7 * size, height - 3.6 * size);
  const box = { left: (width - side) / 2, top: 0.8 * size };
  const x = (v) => box.left + v * side;
  const y = (v) => box.top + side - v * side;
  const svg = frame(width, height, `${label}. ` + groups.map((one) => say("class.group", {
    bets: one.bets, said: percent(one.said), was: percent(one.was) })).join("; "));
  svg.append(draw("rect", { x: x(0), y: y(1), width: side, height: side, fill: c.faint }),
    draw("path", { d: `M${x(0)} ${y(0)}L${x(1)} ${y(1)}`, stroke: c.ink, "stroke-dasharray": "8 6",
      "stroke-width": 2 }));
  for (const v of [0, 0.5, 1])
    svg.append(write(x(v), y(0) + 1.2 * size, percent(v), c.ink, 0.85 * size),
      write(x(0) - 0.4 * size, y(v) + 0.3 * size, percent(v), c.ink, 0.85 * size, { "text-anchor": "end" }));
  const most = Math.max(1, ...groups.map((one) => one.bets));
  for (const one of groups) {
    const r = size * (0.4 + 0.9 * Math.sqrt(one.bets / most));
    svg.append(draw("circle", { class: "drop", cx: x(one.said), cy: y(one.was), r, fill: c.now }),
      write(x(one.said), y(one.was) + 0.25 * size, String(one.bets), c.paper, Math.min(0.8 * size, r)));
  }
  svg.append(write(width / 2, height - 0.5 * size, say("class.calibration_x"), c.ink, 0.85 * size),
    write(box.left - 3.2 * size, box.top + side / 2, say("class.calibration_y"), c.ink, 0.85 * size, {
      transform: `rotate(-90 ${box.left - 3.2 * size} ${box.top + side / 2})` }));
  return svg;
}

// Teams by their percentile among worlds under the standard rules, 50 being these.
export function ranking(row, width, height, size, label, nameOf) {
  const c = colours();
  const teams = Object.keys(row.teams).sort((a, b) => row.teams[b].percentile - row.teams[a].percentile);
  const svg = frame(width, height, `${label}. ` + teams.map((team) => `${nameOf(team)}: ` +
    row.teams[team].percentile.toFixed(0)).join("; "));
  const long = Math.max(...teams.map((team) => nameOf(team).replace(/[\u2e80-\uffef]/g, "xx").length));
  const box = { left: Math.min(0.55 * width, Math.max(6.5, 0.62 * long) * size), right: width - 3 * size, bottom: height - 2.6 * size };
  const tall = box.bottom / Math.max(4, teams.length);
  const x = (v) => box.left + (v / 100) * (box.right - box.left);
  const letters = Math.min(size, 0.6 * tall);
  teams.forEach((team, k) => {
    const { percentile } = row.teams[team];
    svg.append(draw("rect", { class: "grow", x: x(0), y: (k + 0.15) * tall, width: Math.max(2, x(percentile) - x(0)),
      height: 0.7 * tall, fill: c.now }),
    write(x(0) - 0.4 * size, (k + 0.5) * tall + 0.35 * letters, nameOf(team), c.ink, letters, { "text-anchor": "end" }));
  });
  svg.append(draw("path", { d: `M${x(50)} 0V${box.bottom}`, stroke: c.ink, "stroke-dasharray": "8 6", "stroke-width": 2 }),
    ...teams.map((team, k) => write(x(row.teams[team].percentile) + 0.3 * size, (k + 0.5) * tall + 0.35 * letters,
      row.teams[team].percentile.toFixed(0), c.ink, letters, { "text-anchor": "start", "font-weight": 600,
        stroke: c.paper, "stroke-width": 5, "paint-order": "stroke" })), // over the line of 50
    write(x(50), box.bottom + 1.1 * size, say("class.standard_50"), c.ink, 0.85 * size),
    write(width / 2, height - 0.4 * size, label, c.ink, 0.8 * size));
  return svg;
}

const PATHS = ["#0067a8", "#c25400", "#008060", "#a0308c", "#7a6a00", "#5b5fc7", "#d0324b", "#00788c", "#8a5a2b", "#4a6d1f"];

// What each team's firm is worth quarter by quarter, the standard rules dashed.
export function paths(results, width, height, size, label, show, nameOf) {
  const c = colours();
  const names = Object.keys(results[results.length - 1].teams);
  const lines = names.map((team) => results.map((row) => row.teams[team] && row.teams[team].value));
  const base = results.map((row) => row.standard.value);
  const all = [].concat(base, ...lines).filter((v) => v !== undefined);
  const [low, high] = [Math.min(0, ...all), Math.max(...all, 1)];
  const box = { left: 5.5 * size, right: width - 8 * size, top: size, bottom: height - 2.8 * size };
  const x = (k) => box.left + ((k + 1) / results.length) * (box.right - box.left);
  const y = (v) => box.bottom - ((v - low) / (high - low)) * (box.bottom - box.top);
  const svg = frame(width, height, `${label}. ` + names.map((team, k) => `${nameOf(team)}: ` +
    show(lines[k][lines[k].length - 1])).join("; "));
  for (const v of low < 0 ? [low, 0, high] : [0, high / 2, high])
    svg.append(draw("path", { d: `M${box.left} ${y(v)}H${box.right}`, stroke: c.ghost }),
      write(box.left - 0.4 * size, y(v) + 0.3 * size, show(v), c.ink, 0.8 * size, { "text-anchor": "end" }));
  results.forEach((_, k) => svg.append(write(x(k), box.bottom + 1.1 * size, String(k + 1), c.ink, 0.85 * size)));
  const ends = [];
  const line = (values, stroke, dash, name) => {
    const points = values.map((v, k) => (v === undefined ? null : `${x(k)} ${y(v)}`)).filter(Boolean);
    if (!points.length) return;
    svg.append(draw("path", { d: `M${points.join("L")}`, fill: "none", stroke, "stroke-width": dash ? 4 : 5,
      "stroke-dasharray": dash ? "10 8" : "none" }),
    draw("circle", { cx: x(values.length - 1), cy: y(values[values.length - 1]), r: 0.25 * size, fill: stroke })); // after one quarter all there is
    ends.push([y(values[values.length - 1]), name, stroke]);
  };
  lines.forEach((values, k) => line(values, PATHS[(Number(names[k]) - 1 || k) % PATHS.length], false, nameOf(names[k])));
  line(base, c.ink, true, say("class.standard"));
  ends.sort((a, b) => a[0] - b[0]);
  const gap = Math.min(size, (box.bottom - box.top) / ends.length);
  let above = -gap;
  ends.forEach(([at, name, fill]) => {
    above = Math.max(at, above + gap);
    svg.append(write(box.right + 0.4 * size, above + 0.3 * size, name, fill, 0.8 * gap, { "text-anchor": "start", "font-weight": 600 }));
  });
  svg.append(write(width / 2, height - 0.4 * size, label, c.ink, 0.8 * size));
  return svg;
}

// Two readings of a sentence: the share of worlds at the defaults, and over other assumptions.
// rows: {name, at: {mean, range, said}, over: {mean, range, said}}; shares 0 to 1.
export function readings(rows, width, height, size, label) {
  const c = colours();
  const box = { left: 1.6 * size, right: width - 1.6 * size, bottom: height - 1.9 * size };
  const x = (share) => box.left + share * (box.right - box.left);
  const tall = box.bottom / rows.length;
  const svg = frame(width, height, `${label}. ` + rows.map((one) =>
    `${one.name}: ${one.at.said}; ${one.over.said}`).join(". "));
  for (const share of [0, 0.25, 0.5, 0.75, 1])
    svg.append(draw("path", { d: `M${x(share)} 0V${box.bottom}`, stroke: c.ghost }),
      write(x(share), box.bottom + 1.2 * size, percent(share), c.ink, 0.85 * size));
  rows.forEach((row, k) => {
    const top = k * tall;
    const halo = { stroke: c.paper, "stroke-width": 6, "paint-order": "stroke" };
    svg.append(write(box.left, top + 1.1 * size, row.name, c.ink, size, Object.assign({
      "text-anchor": "start", "font-weight": 700 }, halo)));
    [[row.at, c.now, 0.3], [row.over, c.less, 0.68]].forEach(([one, fill, part]) => {
      const y = top + part * tall + 0.6 * size;
      const end = x(one.mean) > width / 2;
      svg.append(draw("path", { d: `M${x(one.range[0])} ${y}H${Math.max(x(one.range[1]), x(one.range[0]) + 3)}`,
        stroke: fill, "stroke-width": 0.5 * size, opacity: 0.45, fill: "none" }),
      draw("circle", { cx: x(one.mean), cy: y, r: 0.42 * size, fill }),
      write(x(one.mean), y + 1.3 * size, one.said, c.ink, 0.85 * size, Object.assign({
        "text-anchor": end ? "end" : "start" }, halo)));
    });
  });
  return svg;
}
