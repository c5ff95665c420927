// Charts as SVG: what they show stands in attributes, so that a picture can be taken of them.
import { date, percent, say } from "./words.js";

const FONT = "'Market Sans SC', system-ui, -apple-system, sans-serif";
const SVG = "http://www.w3.org/2000/svg";

export function draw(tag, attributes, ...inside) {
  const made = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...inside);
  return made;
}

// Colours of the page as it is shown now.
export function colours() {
  const of = getComputedStyle(document.documentElement);
  const found = {};
  for (const name of ["ink", "paper", "faint", "line", "now", "ghost", "claim", "less", "more"])
    found[name] = of.getPropertyValue(`--${name}`).trim();
  return found;
}

const text = (x, y, said, fill, more) =>
  draw("text", Object.assign({ x, y, fill, "font-size": 15 }, more), said);

// About so many round numbers from low to high.
function ticks(low, high, count) {
  const rough = (high - low) / count || 1;
  const power = Math.pow(10, Math.floor(Math.log10(rough)));
  const step = [1, 2, 5, 10].map((k) => k * power).filter((k) => k >= rough)[0];
  const found = [];
  for (let x = Math.ceil(low / step) * step; x <= high + step * 1e-9; x += step) found.push(x);
  return found;
}

// An empty picture; label: what it shows, for who does not see it.
export function frame(width, height, label) {
  return draw("svg", {
    viewBox: `0 0 ${width} ${height}`, width, height, role: "img", "aria-label": label,
    "font-family": FONT,
  });
}

// Where the worlds end up: columns of this question over the outlines of the baseline.
// look: {label, show(x), holds: counts that the claim speaks of}
export function distribution(answer, width, height, look) {
  const c = colours();
  const few = answer.kind === "count";
  const box = { left: 8, right: width - 8, top: 34, bottom: height - 46 };
  const n = answer.after.length;
  const wide = (box.right - box.left) / n;
  const most = Math.max(...answer.before, ...answer.after, 1);
  const y = (worlds) => box.bottom - (worlds / most) * (box.bottom - box.top);
  const share = (worlds) => percent(worlds / answer.worlds);
  const said = answer.after.map((now, k) => {
    const name = few ? k : `${look.show(answer.edges[k])}–${look.show(answer.edges[k + 1])}`;
    return say("chart.column", { name, now: share(now), before: share(answer.before[k]) });
  }).filter((_, k) => answer.after[k] || answer.before[k]);
  const svg = frame(width, height, say("chart.distribution", { label: look.label }) + said.join("; "));
  const held = few ? look.holds.filter((k) => k < n) : [];
  if (held.length)
    svg.append(draw("rect", {
      x: box.left + held[0] * wide, y: box.top - 22, width: held.length * wide,
      height: box.bottom - box.top + 22, fill: c.claim }));
  for (let k = 0; k < n; k++) {
    const x = box.left + k * wide;
    if (answer.before[k])
      svg.append(draw("rect", {
        x: x, y: y(answer.before[k]), width: wide - 1,
        height: box.bottom - y(answer.before[k]), fill: c.ghost }));
    const inset = 0.1;
    if (answer.after[k])
      svg.append(draw("rect", {
        x: x + inset * wide, y: y(answer.after[k]), width: (1 - 2 * inset) * wide,
        height: box.bottom - y(answer.after[k]), fill: c.now }));
    if (answer.before[k]) // its top edge is seen through the column of now
      svg.append(draw("path", {
        d: `M${x} ${y(answer.before[k])}h${wide - 1}`, stroke: c.ink,
        "stroke-width": 2, "stroke-dasharray": "5 3", fill: "none" }));
    if (few) {
      const inside = box.bottom - y(answer.after[k]) > 30;
      if (answer.after[k])
        svg.append(text(x + wide / 2, y(answer.after[k]) + (inside ? 20 : -7),
          share(answer.after[k]), inside ? c.paper : c.ink, {
            "text-anchor": "middle", "font-weight": 600, "font-size": Math.min(15, 0.3 * wide),
            stroke: inside ? "none" : c.paper, "stroke-width": 4, "paint-order": "stroke" }));
      svg.append(text(x + wide / 2, box.bottom + 19, String(k), c.ink, {
        "text-anchor": "middle", "font-size": 17 }));
    }
  }
  if (!few) {
    const [low, high] = [answer.edges[0], answer.edges[n]];
    for (const x of ticks(low, high, Math.max(2, Math.floor(width / 80))))
      svg.append(text(Math.min(box.right - 18, Math.max(box.left + 18,
        box.left + ((x - low) / (high - low)) * (box.right - box.left))), box.bottom + 19,
        look.show(x), c.ink, { "text-anchor": "middle" }));
  }
  svg.append(
    draw("path", { d: `M${box.left} ${box.bottom}H${box.right}`, stroke: c.ink, fill: "none" }),
    text(width / 2, height - 8, look.label, c.ink, { "text-anchor": "middle" }));
  return svg;
}

// A colour for each count: below, within and above what the claim says, or light to strong.
export function levelColours(count, holds) {
  const dark = document.documentElement.dataset.theme === "dark";
  const found = [];
  const [first, last] = [holds[0], holds[holds.length - 1]];
  for (let k = 0; k < count; k++) {
    if (!holds.length) found.push(`hsl(205, 70%, ${dark ? 22 + (56 * k) / count : 92 - (66 * k) / count}%)`);
    else if (k < first) found.push(`hsl(32, 80%, ${dark ? 26 + 9 * k : 90 - 9 * k}%)`);
    else if (k <= last) found.push(`hsl(205, 85%, ${(dark ? 34 : 62) - 9 * (k - first)}%)`);
    else found.push(`hsl(150, 45%, ${dark ? 24 + 7 * (k - last) : 78 - 7 * (k - last)}%)`);
  }
  return found;
}

// Week by week: of counts, in which share of worlds there are so many; of other numbers, bands.
// marks: [[week, name], ...] of events.
export function weekly(answer, width, height, look, marks) {
  const c = colours();
  const few = answer.weekly.kind === "count";
  const rows = few ? answer.weekly.worlds : answer.weekly.values;
  const last = rows[0].length - 1;
  const top = few ? answer.worlds : Math.max(...rows[rows.length - 1], 1e-9);
  const low = few ? 0 : Math.min(0, ...rows[0]);
  const floor = few || low >= 0 && Math.min(...rows[0]) < 0.5 * top ? low : Math.min(...rows[0]);
  const seen = marks.filter(([week]) => week >= 0 && week <= last);
  const box = { left: few ? 54 : 70, right: width - 34, top: seen.length > 1 ? 50 : 34, bottom: height - 46 };
  const x = (week) => box.left + (week / last) * (box.right - box.left);
  const y = (v) => box.bottom - ((v - floor) / (top - floor)) * (box.bottom - box.top);
  const end = few
    ? rows.map((row, k) => `${k}: ${percent(row[last] / answer.worlds)}`).join("; ")
    : say("chart.median", { value: look.show(rows[2][last]), date: date(last) });
  const svg = frame(width, height, say(few ? "chart.weekly" : "chart.bands", { label: look.label }) + end);
  const band = (under, over, fill) => {
    const up = over.map((v, week) => `${x(week).toFixed(1)} ${y(v).toFixed(1)}`);
    const down = under.map((v, week) => `${x(week).toFixed(1)} ${y(v).toFixed(1)}`).reverse();
    svg.append(draw("path", { d: `M${up.concat(down).join("L")}Z`, fill, stroke: c.paper,
      "stroke-width": few ? 0.8 : 0 }));
  };
  if (few) {
    const shades = levelColours(rows.length, look.holds);
    let under = rows[0].map(() => 0);
    rows.forEach((row, k) => {
      const over = row.map((v, week) => v + under[week]);
      band(under, over, shades[k]);
      if (row[last] > 0.035 * answer.worlds)
        svg.append(text(box.right + 6, y((under[last] + over[last]) / 2) + 5, String(k), c.ink, {
          "font-weight": 600 }));
      under = over;
    });
  } else {
    band(rows[0], rows[4], c.ghost);
    band(rows[1], rows[3], c.line);
    const path = rows[2].map((v, week) => `${x(week).toFixed(1)} ${y(v).toFixed(1)}`).join("L");
    svg.append(draw("path", { d: `M${path}`, fill: "none", stroke: c.now, "stroke-width": 3 }));
  }
  for (const v of ticks(floor, top, 4)) {
    const at = few ? (v / 100) * top : v;
    if (few && v > 100) break;
    svg.append(text(box.left - 8, y(at) + 5, few ? percent(v / top) : look.show(v), c.ink, {
      "text-anchor": "end", "font-size": 14 }));
    if (few) break;
  }
  if (few)
    for (const share of [0.5, 1])
      svg.append(text(box.left - 8, y(share * top) + 5, percent(share), c.ink, {
        "text-anchor": "end", "font-size": 14 }));
  const months = width < 420 ? [0, Math.round(last / 2), last] : [0, 26, 52, 78];
  for (const week of months.filter((week) => week <= last))
    svg.append(
      draw("path", { d: `M${x(week)} ${box.bottom}v6`, stroke: c.ink }),
      text(x(week), box.bottom + 20, date(week, "month"), c.ink, {
        "text-anchor": week === last ? "end" : week === 0 ? "start" : "middle", "font-size": 14 }));
  seen.forEach(([week, name], k) => {
    const right = x(week) > width / 2;
    const above = box.top - 8 - (k % 2) * 17;
    svg.append(
      draw("path", { d: `M${x(week)} ${above}V${box.bottom}`, stroke: c.ink,
        "stroke-dasharray": "3 3", fill: "none" }),
      text(x(week) + (right ? -4 : 4), above, name, c.ink, {
        "text-anchor": right ? "end" : "start", "font-size": 13 }));
  });
  svg.append(text(width / 2, height - 8, say(few ? "chart.weekly_axis" : "chart.bands_axis",
    { label: look.label }), c.ink, { "text-anchor": "middle" }));
  return svg;
}

// Two bars from the middle, for the two ends of a slider; sizes in deviations between worlds.
export function tornado(low, high, most, label) {
  const c = colours();
  const [width, height] = [120, 12];
  const x = (size) => width / 2 + (Math.max(-most, Math.min(most, size)) / most) * (width / 2 - 2);
  const svg = draw("svg", { viewBox: `0 0 ${width} ${height}`, width, height, role: "img",
    "aria-label": label });
  const bar = (size, from, fill) => svg.append(draw("rect", {
    x: Math.min(x(0), x(size)), y: from, width: Math.max(1, Math.abs(x(size) - x(0))), height: 5, fill }));
  bar(low, 0, c.less);
  bar(high, 6, c.more);
  svg.append(draw("path", { d: `M${width / 2} 0v${height}`, stroke: c.ink }));
  return svg;
}

// A number and where it may lie: by luck a wide band, by assumptions a line.
export function bands(rows, width, show) {
  const c = colours();
  const ends = [].concat(...rows.map((one) => one.luck.concat(one.assumptions)));
  const [low, high] = [Math.min(...ends), Math.max(...ends)];
  const x = (v) => 10 + ((v - low) / (high - low || 1)) * (width - 20);
  const svg = frame(width, 26 + 46 * rows.length,
    rows.map((one) => `${one.name}: ${one.said}`).join("; "));
  rows.forEach((one, k) => {
    const y = 24 + 46 * k;
    svg.append(
      text(10, y - 6, one.name, c.ink, { "font-size": 14 }),
      draw("rect", { x: x(one.luck[0]), y, width: Math.max(2, x(one.luck[1]) - x(one.luck[0])),
        height: 20, fill: c.ghost }),
      draw("path", { d: `M${x(one.assumptions[0])} ${y + 10}H${x(one.assumptions[1])}`,
        stroke: c.now, "stroke-width": 6, fill: "none" }),
      draw("circle", { cx: x(one.mean), cy: y + 10, r: 6, fill: c.paper, stroke: c.ink,
        "stroke-width": 2 }));
  });
  svg.append(
    text(10, 20 + 46 * rows.length, show(low), c.ink, { "font-size": 14 }),
    text(width - 10, 20 + 46 * rows.length, show(high), c.ink, {
      "text-anchor": "end", "font-size": 14 }));
  return svg;
}

// Several charts and lines of words as one picture, to keep.
export function poster(heading, lines, charts, foot) {
  const c = colours();
  const [width, height] = [1280, 720];
  const svg = frame(width, height, heading);
  svg.setAttribute("xmlns", SVG);
  svg.append(draw("rect", { width, height, fill: c.paper }));
  let y = 52;
  for (const line of wrapped(heading, 72)) {
    svg.append(text(40, y, line, c.ink, { "font-size": 30, "font-weight": 600 }));
    y += 38;
  }
  charts.forEach((chart, k) => {
    const inner = chart(600, 400);
    inner.setAttribute("x", 30 + 620 * k);
    inner.setAttribute("y", y);
    svg.append(inner);
  });
  y += 440;
  for (const line of [].concat(...lines.map((one) => wrapped(one, 110)))) {
    svg.append(text(40, y, line, c.ink, { "font-size": 21 }));
    y += 29;
  }
  wrapped(foot, 190).forEach((line, k, all) =>
    svg.append(text(40, height - 14 - 16 * (all.length - 1 - k), line, c.ink, { "font-size": 13 })));
  return svg;
}

// Lines of at most so many letters; a Chinese one counts twice and may end anywhere.
function wrapped(said, most) {
  const lines = [""];
  let used = 0;
  for (const part of said.match(/[\u2e80-\uffef]|[^ \u2e80-\uffef]+ */g) || []) {
    const size = part.charCodeAt(0) >= 0x2e80 ? 2 : part.length;
    if (used + size > most && used) {
      lines.push("");
      used = 0;
    }
    lines[lines.length - 1] += part;
    used += size;
  }
  return lines;
}

export function saveAs(blob, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10000);
}

export function savePng(svg, name) {
  const source = new XMLSerializer().serializeToString(svg);
  const image = new Image();
  image.onload = () => {
    const canvas = document.createElement("canvas");
    canvas.width = 2 * svg.viewBox.baseVal.width;
    canvas.height = 2 * svg.viewBox.baseVal.height;
    canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
    canvas.toBlob((blob) => saveAs(blob, name), "image/png");
  };
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(source)}`;
}

