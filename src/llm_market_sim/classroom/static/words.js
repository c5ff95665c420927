// What pages say: texts of one language, and numbers and dates in it.

let texts = {};
let start = Date.UTC(2023, 3, 17);
export let language = "en";

// The language of a page: the one that is wanted, or else that of the browser.
export function languageOf(wanted) {
  const own = (navigator.language || "en").slice(0, 2) === "zh" ? "zh" : "en";
  return wanted === "en" || wanted === "zh" ? wanted : own;
}

export function speak(which, words) {
  language = which;
  texts = words;
  document.documentElement.lang = language === "zh" ? "zh-Hans" : "en";
}

// wanted: a language, or else that of the browser. more: further texts, as of a class.
export async function loadWords(wanted, more) {
  const which = languageOf(wanted);
  const files = [which].concat(more ? [`${more}_${which}`] : []);
  const all = await Promise.all(files.map((name) => fetch(`/texts/${name}.json`).then((f) => f.json())));
  speak(which, Object.assign({}, ...all));
}

export function startsOn(day) {
  start = Date.parse(`${day}T00:00:00Z`);
}

// A text with values in its places.
export function say(key, values) {
  if (!(key in texts)) throw new Error(`no text ${key}`);
  return texts[key].replace(/\{(\w+)\}/g, (_, name) => String(values[name]));
}

// The same, or plain words where the language has none of its own.
export function sayOr(key, plain) {
  return key in texts ? texts[key] : plain;
}

const MANY = { en: [[1e9, "\u00a0bn"], [1e6, "\u00a0m"]], zh: [[1e8, "亿"], [1e4, "万"]] };

function figures(x) {
  const size = Math.abs(x);
  const shown = size >= 100 || size === 0 ? Math.round(x) : Number(x.toPrecision(3));
  return shown.toLocaleString("en").replace("-", "−");
}

// A number for people: three figures, large ones in the units of the language.
export function number(x) {
  for (const [unit, word] of MANY[language])
    if (Math.abs(x) >= (unit === 1e4 ? 1e5 : unit)) return figures(x / unit) + word;
  return figures(x);
}

export function percent(share) {
  const mark = language === "zh" ? "%" : "\u00a0%";
  const whole = Math.round(100 * share);
  if (whole === 0 && share > 0) return `<1${mark}`;
  if (whole === 100 && share < 1) return `>99${mark}`;
  return `${whole}${mark}`;
}

// How numbers of a unit are shown.
export function shownIn(unit) {
  return unit === "1" ? percent : unit === "OOM" ? (x) => x.toFixed(1)
    : unit.slice(0, 11) === "million USD" ? (x) => number(1e6 * x) : number;
}

// A value of a slider, with its unit. knob: {factor, unit, high}
export function withUnit(value, knob) {
  if (knob.factor) return `× ${Number(value.toPrecision(3))}`;
  const shown = knob.unit === "1" && knob.high <= 1 ? percent(value) : number(value);
  return knob.unit === "1" ? shown : `${shown} ${sayOr(`unit.${knob.unit}`, knob.unit)}`;
}

export function eventOf(name) {
  return sayOr(`event.${name}`, name.replace(/_/g, " "));
}

export function date(week, style) {
  const day = new Date(start + Math.floor(week * 7 + 1e-6) * 864e5);
  const full = { day: "numeric", month: "short", year: "numeric" };
  const options = style === "month" ? { month: "short", year: "2-digit" } : full;
  return day.toLocaleDateString(language === "zh" ? "zh-CN" : "en-GB",
    Object.assign({ timeZone: "UTC" }, options));
}

// node("p", {class: "big"}, "text", other, ...): an element; what is given is never read as HTML.
export function node(tag, attributes, ...inside) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes || {})) {
    if (name.slice(0, 2) === "on") made.addEventListener(name.slice(2), value);
    else if (value === true) made.setAttribute(name, "");
    else if (value !== false && value !== null) made.setAttribute(name, value);
  }
  made.append(...inside.filter((one) => one !== null && one !== undefined));
  return made;
}

// The same page in the other language, and light or dark.
export function switches(redraw) {
  const other = language === "zh" ? "en" : "zh";
  const link = node("a", { lang: other, hreflang: other, class: "button" }, say("other_language"));
  link.addEventListener("click", () => {
    const to = new URLSearchParams(location.search);
    to.set("language", other);
    link.href = `?${to}`;
  });
  link.href = "#";
  return [lightSwitch(redraw), link];
}

export function lightSwitch(redraw) {
  const dark = matchMedia("(prefers-color-scheme: dark)").matches;
  const root = document.documentElement;
  let theme = "";
  try { theme = localStorage.getItem("theme") || ""; } catch (error) { /* not allowed */ }
  root.dataset.theme = theme || (dark ? "dark" : "light");
  const light = node("button", { type: "button" }, say("dark"));
  const show = () => light.setAttribute("aria-pressed", String(root.dataset.theme === "dark"));
  light.addEventListener("click", () => {
    root.dataset.theme = root.dataset.theme === "dark" ? "light" : "dark";
    try { localStorage.setItem("theme", root.dataset.theme); } catch (error) { /* not allowed */ }
    show();
    redraw();
  });
  show();
  return light;
}
