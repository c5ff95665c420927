// The live picture: what is turned at the left, what the same worlds answer at the right.
//
// live(root, facts, query, options) -> { redraw, link }
// query: a question as a query string. options: address, whether the question is kept in the
// page's address; asked(link) and answered(answer), called with each question and each answer.
import { bands, distribution, poster, savePng, tornado, weekly } from "./charts.js";
import { difference, headline } from "./answer.js";
import { date, eventOf, language, node, percent, say, sayOr, shownIn, startsOn, withUnit } from "./words.js";

const MOST = 6; // sliders at a time
const session = Math.random().toString(36).slice(2);

export function live(root, facts, query, options) {
  const settings = Object.assign({ address: true, asked() {}, answered() {} }, options);
  startsOn(facts.start);
  const state = read(facts, query);
  let answer = null;
  let running = null;
  let later = 0;
  const moves = {}; // what the ends of a slider move, by its path

  const controls = node("section", { class: "controls", "aria-label": say("live.controls") });
  const said = node("h2", { class: "said", "aria-live": "polite" }, say("live.wait"));
  const charts = node("div", { class: "charts" });
  const key = node("p", { class: "key quiet" });
  const pair = node("p", { class: "pair", role: "status" });
  const changed = node("div");
  const told = node("div");
  const also = node("div");
  const assumed = node("div");
  const meaning = node("div");
  const take = node("p", { class: "row" });
  const wrong = node("p", { class: "error", role: "alert", hidden: true });
  const outcome = node("select", { "aria-label": say("live.outcome"), onchange() {
    state.outcome = outcome.value;
    ask();
  } }, ...facts.outcomes.map((one) => new Option(one.label[language], one.name)));
  root.className = "live";
  const second = node("div"); // the picture of the weeks on a phone
  root.append(
    node("div", { class: "turning" },
      node("section", { class: "picture", "aria-label": say("live.picture") },
        node("p", { class: "row" }, node("span", {}, say("live.outcome")), outcome), wrong,
        said, charts, key),
      controls),
    node("section", { class: "rest", "aria-label": say("live.rest") },
      pair, second, changed, told, assumed, meaning, also, take));

  // What is asked

  const nameOf = (path) => sayOr(`knob.${path}`, inOwnWords(facts.knobs[path].meaning));
  const inOwnWords = (text) => (language === "zh" && facts.chinese[text]) || text;
  const preset = () => facts.presets.filter((one) => one.name === state.preset)[0];
  const usual = (path) => (path in preset().values ? preset().values[path] : facts.knobs[path].value);
  const weekOf = (name) => (name in state.events ? state.events[name]
    : name in preset().events ? preset().events[name] : null);
  const counted = () => state.outcome === "platforms";
  const isUsual = () => Object.keys(state.choices).length === 0;

  function link() {
    const to = new URLSearchParams({ preset: state.preset, seed: state.seed, version: facts.version });
    for (const path of Object.keys(state.changes).sort()) to.set(path, state.changes[path]);
    for (const name of Object.keys(state.events).sort())
      to.set(`event.${name}`, state.events[name] === null ? "off" : state.events[name]);
    to.set("outcome", state.outcome);
    for (const name of Object.keys(state.choices)) to.set(name, state.choices[name]);
    for (const [name, value] of state.unknown) to.set(name, value);
    return to;
  }

  function ask() {
    if (settings.address) {
      const to = link();
      to.set("language", language);
      history.replaceState(null, "", `?${to}`);
    }
    settings.asked(String(link()));
    if (!later) later = setTimeout(start, 25);
  }

  async function start() {
    later = 0;
    if (running) running.abort();
    const mine = (running = new AbortController());
    assumed.textContent = told.textContent = "";
    charts.classList.add("busy");
    busy(true);
    const to = link();
    to.set("session", session);
    try {
      await lines(`/answers?${to}`, mine.signal, (one) => {
        answer = one;
        show();
        settings.answered(one);
      });
      wrong.hidden = true;
      measure();
    } catch (error) {
      if (mine.signal.aborted) return;
      wrong.textContent = error.message || say("live.gone");
      wrong.hidden = false;
      if (!answer) said.textContent = "";
      state.unknown = [];
    }
  }

  // What is turned

  function showControls() {
    controls.textContent = "";
    const presets = node("select", { class: "wide", "aria-label": say("live.preset"), onchange() {
      Object.assign(state, { preset: presets.value, changes: {}, events: {} });
      showControls();
      ask();
    } }, ...facts.presets.map((one) => new Option(one.label[language], one.name)));
    presets.value = state.preset;
    const luck = node("input", { type: "number", min: 0, max: 999999, value: state.seed,
      "aria-label": say("live.seed"), onchange() {
        const seed = Math.floor(Number(luck.value));
        if (seed >= 0 && seed <= Number.MAX_SAFE_INTEGER) state.seed = seed;
        ask();
      } });
    controls.append(
      node("h2", {}, say("live.preset")), presets,
      node("details", {}, node("summary", {}, say("live.about")),
        node("p", { lang: language in preset().about ? language : "en" },
          preset().about[language] || preset().about.en),
        node("p", {}, node("label", {}, `${say("live.seed")} `, luck))),
      node("p", { class: "row" }, node("strong", {}, say("live.knobs")),
        node("button", { type: "button", onclick() {
          Object.assign(state, { changes: {}, events: {} });
          showControls();
          ask();
        } }, say("live.reset"))));
    for (const path of state.pinned) controls.append(knob(path));
    controls.append(events(), search());
  }

  function knob(path) {
    const one = facts.knobs[path];
    const low = Math.min(one.low, usual(path));
    const high = Math.max(one.high, usual(path));
    const value = () => (path in state.changes ? state.changes[path] : usual(path));
    const out = node("output", {});
    const range = node("input", { type: "range", min: low, max: high, step: step(low, high),
      "aria-label": nameOf(path), oninput() {
        const now = Math.min(high, Math.max(low, Number(range.value)));
        if (Math.abs(now - usual(path)) <= Number(range.step) / 2) delete state.changes[path];
        else state.changes[path] = Number(now.toPrecision(8));
        tell();
        ask();
      } });
    const box = node("div", { class: "knob" },
      node("details", {}, node("summary", {}, node("span", {}, nameOf(path)), out),
        node("p", {}, say("live.means", { meaning: inOwnWords(one.meaning), source: inOwnWords(one.source) })),
        node("p", { class: "quiet" }, path), node("p", { class: "most quiet" })),
      node("div", { class: "turn" }, range, node("span", { class: "bars" }),
        node("button", { type: "button", "aria-label": say("live.unpin_of", { name: nameOf(path) }),
          onclick() {
            state.pinned.splice(state.pinned.indexOf(path), 1);
            delete state.changes[path];
            showControls();
            ask();
          } }, "×")));
    box.dataset.path = path;
    function tell() {
      out.textContent = withUnit(value(), one);
      range.setAttribute("aria-valuetext", withUnit(value(), one));
      box.classList.toggle("moved", path in state.changes);
    }
    range.value = value();
    tell();
    showMoves(box);
    return box;
  }

  function search() {
    const list = node("ul", { class: "plain" });
    const note = node("p", { class: "quiet", role: "status" });
    const field = node("input", { type: "search", placeholder: say("live.search"),
      "aria-label": say("live.search"), oninput: fill });
    function fill() {
      const words = field.value.toLowerCase().split(/\s+/).filter(Boolean);
      list.textContent = "";
      note.textContent = "";
      if (!words.length) return;
      const found = Object.keys(facts.knobs).filter((path) => {
        const all = `${path} ${nameOf(path)} ${inOwnWords(facts.knobs[path].meaning)}`.toLowerCase();
        return state.pinned.indexOf(path) < 0 && words.every((word) => all.indexOf(word) >= 0);
      });
      note.textContent = say("live.found", { count: found.length });
      for (const path of found)
        list.append(node("li", {}, node("button", { type: "button", onclick() {
          if (state.pinned.length >= MOST) {
            note.textContent = say("live.most", { most: MOST });
            return;
          }
          state.pinned.push(path);
          showControls();
          measure();
          controls.querySelector(`[data-path="${path}"] input`).focus();
        } }, nameOf(path), node("span", { class: "quiet" }, ` ${path}`))));
    }
    return node("div", {}, node("h2", {}, say("live.more")), field, note, list);
  }

  function events() {
    const box = node("div", {}, node("h2", {}, say("live.events")));
    const absent = [];
    for (const name of Object.keys(facts.events)) {
      const week = weekOf(name);
      const own = name in preset().events;
      if (week === null && !own && facts.events[name].goes_with_all) absent.push(name);
      if (week === null && !(own && name in state.events)) continue;
      const out = node("output", {});
      const tell = () => {
        out.textContent = weekOf(name) === null ? say("live.off") : date(weekOf(name));
        range.setAttribute("aria-valuetext", out.textContent);
      };
      const range = node("input", { type: "range", min: 0, max: facts.weeks - 1, step: 1,
        "aria-label": say("live.begins", { name: eventOf(name) }), oninput() {
          state.events[name] = Number(range.value);
          tell();
          ask();
        } });
      range.value = week === null ? 0 : Math.max(0, week);
      range.disabled = week === null;
      tell();
      box.append(node("div", { class: `knob${name in state.events ? " moved" : ""}` },
        node("details", {}, node("summary", {}, node("span", {}, eventOf(name)), out),
          node("p", {}, inOwnWords(facts.events[name].about))),
        node("div", { class: "turn" }, range,
          node("button", { type: "button", onclick() {
            if (week === null) delete state.events[name];
            else if (own) state.events[name] = null;
            else delete state.events[name];
            showControls();
            ask();
          } }, week === null ? say("live.on") : say("live.take_out")))));
    }
    const add = node("select", { class: "wide", "aria-label": say("live.add_event"), onchange() {
      state.events[add.value] = 26;
      showControls();
      ask();
    } }, new Option(say("live.add_event"), ""),
    ...absent.map((name) => new Option(eventOf(name), name)));
    box.append(add);
    return box;
  }

  // What the worlds answer

  function look() {
    const one = facts.outcomes.filter((o) => o.name === state.outcome)[0];
    return {
      label: one.label[language], holds: counted() ? facts.claim.holds : [],
      show: shownIn(one.unit),
    };
  }

  function marks() {
    return Object.keys(facts.events).map((name) => [weekOf(name), eventOf(name)])
      .filter(([week]) => week !== null);
  }

  function drawn() {
    const found = [(w, h) => distribution(answer, w, h, look())];
    if (answer.weekly) found.push((w, h) => weekly(answer, w, h, look(), marks()));
    return found;
  }

  function show() {
    charts.classList.remove("busy");
    busy(answer.worlds < answer.of);
    said.textContent = headline(answer, look());
    pair.textContent = difference(answer, look());
    charts.textContent = "";
    const all = drawn();
    const phone = root.clientWidth < 900;
    const width = (charts.clientWidth - 8) / (phone || all.length < 2 ? 1 : 2);
    const height = phone ? 300 : Math.max(260, Math.min(460, innerHeight - 400));
    second.textContent = "";
    all.forEach((one, k) => (phone && k ? second : charts).append(one(Math.max(300, width),
      phone && !k ? 200 : height)));
    key.textContent = "";
    key.append(mark("now", say("key.now")), mark("ghost", say("key.ghost")));
    if (counted()) key.append(mark("claim", say("key.claim")));
    key.append(node("span", {}, say("key.worlds", { worlds: answer.worlds, of: answer.of })));
    if (answer.worlds < answer.of) return;
    showChanged();
    showAlso();
    showMeaning();
    showTake();
    assumed.textContent = "";
    assumed.append(node("button", { type: "button", onclick: overAssumptions }, say("live.assume")));
  }

  // Only the last of several pictures is read aloud.
  const busy = (is) => [said, pair].forEach((one) => one.setAttribute("aria-busy", String(is)));
  const mark = (kind, words) => node("span", {}, node("i", { class: kind }), words);

  function showChanged() {
    changed.textContent = "";
    if (!answer.changed.length) return;
    const list = node("p", { class: "row" }, node("span", {}, say("live.open")));
    for (const [world, before, after] of answer.changed.slice(0, 8))
      list.append(node("button", { type: "button", onclick: () => open(world) },
        say("live.world", { world, before: look().show(before), after: look().show(after) })));
    changed.append(list);
  }

  async function open(world) {
    const to = link();
    to.set("world", world);
    to.set("language", language);
    told.textContent = say("live.wait");
    const found = await (await fetch(`/world?${to}`)).json();
    const column = (title, mine, other) => node("div", {}, node("h2", {}, title),
      node("ol", {}, ...mine.map((sentence) => node("li",
        { class: other.indexOf(sentence) >= 0 ? "same" : "" }, sentence))));
    told.textContent = "";
    told.append(node("h2", { tabindex: -1 }, say("live.story", { world })), node("div", { class: "two" },
      column(say("key.ghost"), found.before, found.after),
      column(say("key.now"), found.after, found.before)));
    told.firstChild.focus();
    told.scrollIntoView({ block: "nearest" });
  }

  async function overAssumptions() {
    const to = link();
    to.set("session", session);
    assumed.textContent = say("live.wait");
    try {
      await lines(`/assumptions?${to}`, running.signal, (one) => {
        const now = look();
        const which = answer.claim ? "claim" : "number";
        const show = answer.claim ? percent : now.show;
        const rows = [["before", "key.ghost"], ["after", "key.now"]].map(([when, name]) => {
          const b = one[when][which];
          const text = say(`assumed.${which}`, { mean: show(b.mean), low: show(b.assumptions[0]),
            high: show(b.assumptions[1]), from: show(b.luck[0]), to: show(b.luck[1]) });
          const luck = answer.claim ? [b.mean, b.mean] : b.luck; // a share of worlds has no luck
          return Object.assign({}, b, { luck, name: say(name), said: text });
        });
        assumed.textContent = "";
        assumed.append(node("h2", {}, say("live.assumed", { draws: one.after.draws, of: one.draws_of })),
          bands(rows, Math.min(640, charts.clientWidth), show),
          ...rows.map((row) => node("p", {}, say("assumed.of", row))));
      });
    } catch (error) {
      assumed.textContent = error.name === "AbortError" ? "" : error.message;
    }
  }

  function showMeaning() {
    meaning.textContent = "";
    if (!counted()) return;
    const row = node("p", { class: "row" });
    for (const name of Object.keys(facts.claim.choices)) {
      const now = name in state.choices ? state.choices[name] : facts.claim.usual[name];
      const choose = node("select", { onchange() {
        if (choose.value === facts.claim.usual[name]) delete state.choices[name];
        else state.choices[name] = choose.value;
        ask();
      } }, ...facts.claim.choices[name].map((value) => new Option(
        name === "theta" ? percent(Number(value)) : say(`choice.${name}.${value}`), value)));
      choose.value = now;
      row.append(node("label", {}, `${say(`choice.${name}`)} `, choose));
    }
    meaning.append(node("h2", {}, say("live.meaning")),
      node("p", {}, say("live.said", { said: facts.claim.said[language], by: facts.claim.by[language] })),
      row);
    if (!isUsual()) meaning.append(node("p", { class: "quiet" }, say("live.unusual")));
  }

  function showAlso() {
    also.textContent = "";
    const body = node("table", {});
    const most = Math.max(1, ...facts.outcomes.map((one) => Math.abs(answer.all[one.name][2])));
    for (const one of facts.outcomes) {
      const [before, after, size] = answer.all[one.name];
      const show = shownIn(one.unit);
      const words = say("also.size", { size: deviations(size) });
      body.append(node("tr", {},
        node("th", { scope: "row" }, node("button", { type: "button", onclick() {
          state.outcome = outcome.value = one.name;
          ask();
        } }, one.label[language])),
        node("td", { class: "right" }, `${show(before)} → ${show(after)}`),
        node("td", { class: "bar", title: words }, tornado(Math.min(0, size), Math.max(0, size), most, words)),
        node("td", { class: "right" }, deviations(size))));
    }
    also.append(node("h2", {}, say("live.also")), body,
      node("p", { class: "quiet" }, say("also.unit")));
  }

  function showTake() {
    const to = link();
    const name = `${state.outcome}_${state.preset}`;
    const foot = `${say("take.made", { seed: state.seed, worlds: answer.worlds, version: facts.version })} ` +
      `?${answer.link}`;
    take.textContent = "";
    take.append(
      node("button", { type: "button", onclick() {
        savePng(poster(headline(answer, look()), [difference(answer, look()), ...changesInWords()], drawn(), foot), `${name}.png`);
      } }, say("take.png")),
      node("a", { class: "button", href: `/worlds.csv?${to}`, download: `${name}.csv` }, "CSV"),
      node("a", { class: "button", href: `/worlds.json?${to}`, download: `${name}.json` }, "JSON"),
      node("button", { type: "button", onclick(event) {
        const done = () => { event.target.textContent = say("take.copied"); };
        const page = `${location.origin}/?${to}&language=${language}`;
        if (navigator.clipboard) navigator.clipboard.writeText(page).then(done);
      } }, say("take.link")),
      node("span", { class: "quiet" }, foot));
    if (state.version && state.version !== facts.version)
      take.append(node("span", { class: "error" }, say("take.other", { version: state.version })));
  }

  function changesInWords() {
    const found = Object.keys(state.changes).map((path) =>
      `${nameOf(path)}: ${withUnit(usual(path), facts.knobs[path])} → ` +
      withUnit(state.changes[path], facts.knobs[path]));
    for (const name of Object.keys(state.events))
      found.push(`${eventOf(name)}: ${state.events[name] === null ? say("live.off") : date(state.events[name])}`);
    const words = `${say("live.preset")}: ${preset().label[language]}`;
    return [[words].concat(found).join(language === "zh" ? "；" : "; ")];
  }

  // What each slider moves, asked one after the other when all else is done

  async function measure() {
    for (const path of state.pinned.filter((one) => !(one in moves))) {
      const found = await fetch(`/moves?path=${path}`);
      if (!found.ok) return;
      moves[path] = (await found.json()).sizes;
      showAllMoves();
    }
    showAllMoves();
  }

  function showAllMoves() {
    for (const box of controls.querySelectorAll("[data-path]")) showMoves(box);
  }

  function showMoves(box) {
    const found = moves[box.dataset.path];
    if (!found) return;
    const [low, high] = found;
    const most = Math.max(1, ...Object.keys(moves).map((path) => Math.max(
      ...moves[path].map((ends) => Math.abs(ends[state.outcome])))));
    const words = say("moves.ends", { label: look().label, low: deviations(low[state.outcome]),
      high: deviations(high[state.outcome]) });
    const bars = box.querySelector(".bars");
    bars.textContent = "";
    bars.title = words;
    bars.append(tornado(low[state.outcome], high[state.outcome], most, words));
    const size = (name) => Math.max(Math.abs(low[name]), Math.abs(high[name]));
    const first = Object.keys(low).sort((a, b) => size(b) - size(a)).slice(0, 3).map((name) =>
      `${facts.outcomes.filter((o) => o.name === name)[0].label[language]} ` +
      `(${deviations(low[name])}, ${deviations(high[name])})`);
    box.querySelector(".most").textContent = say("moves.most",
      { list: first.join(language === "zh" ? "；" : "; ") });
  }

  function redraw() {
    showAllMoves();
    if (answer) show();
  }

  outcome.value = state.outcome;
  showControls();
  ask();
  addEventListener("resize", redraw);
  return { redraw, link: () => String(link()) };
}

// A question from a query string. What is not known is asked once, so that the server says so.
function read(facts, query) {
  const state = { preset: "baseline", seed: 1, changes: {}, events: {}, choices: {},
    outcome: facts.outcomes[0].name, pinned: facts.pinned.slice(), version: "", unknown: [] };
  for (const [name, value] of new URLSearchParams(query)) {
    if (name === "preset" && facts.presets.some((one) => one.name === value)) state.preset = value;
    else if (name === "seed" && /^\d{1,16}$/.test(value)) state.seed = Number(value);
    else if (name === "version") state.version = value;
    else if (name === "outcome" && facts.outcomes.some((o) => o.name === value)) state.outcome = value;
    else if (name in facts.knobs && isFinite(Number(value))) state.changes[name] = Number(value);
    else if (name.slice(0, 6) === "event." && name.slice(6) in facts.events)
      state.events[name.slice(6)] = value === "off" ? null : Number(value);
    else if (name in facts.claim.choices && facts.claim.choices[name].indexOf(value) >= 0)
      state.choices[name] = value;
    else if (name !== "language" && name !== "session") state.unknown.push([name, value]);
  }
  const moved = Object.keys(state.changes);
  state.pinned = moved.concat(state.pinned.filter((path) => moved.indexOf(path) < 0));
  state.pinned = state.pinned.slice(0, Math.max(MOST, moved.length));
  return state;
}

// Each line of JSON of an answer, as it comes. Error with what the server says is wrong.
async function lines(address, signal, take) {
  const headers = { "Accept-Language": document.documentElement.lang };
  const found = await fetch(address, { headers, signal });
  if (!found.ok) throw new Error((await found.json()).error.join("\n"));
  const reader = found.body.getReader();
  const decoder = new TextDecoder();
  let rest = "";
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    rest += decoder.decode(value, { stream: true });
    const whole = rest.split("\n");
    rest = whole.pop();
    if (whole.length) take(JSON.parse(whole[whole.length - 1]));
  }
}

// How far a slider goes at once: some hundred steps, in round numbers.
function step(low, high) {
  const rough = (high - low) / 150;
  const power = Math.pow(10, Math.floor(Math.log10(rough)));
  return Number(([1, 2, 5, 10].filter((k) => k * power >= rough)[0] * power).toPrecision(3));
}

function deviations(size) {
  const shown = Math.abs(size).toFixed(1);
  return shown === "0.0" ? "0" : (size > 0 ? "+" : "−") + shown;
}

