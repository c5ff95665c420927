// What pages say: texts of one language, and numbers and dates in it.

let texts = {};
export let language = "en";

export async function loadWords(wanted) {
  const own = (navigator.language || "en").startsWith("zh") ? "zh" : "en";
  language = wanted === "en" || wanted === "zh" ? wanted : own;
  texts = await (await fetch(`/texts/${language}.json`)).json();
  document.documentElement.lang = language === "zh" ? "zh-Hans" : "en";
}

// say("key", {name: value}): a text with values in its places.
export function say(key, values) {
  if (!(key in texts)) throw new Error(`no text ${key}`);
  return texts[key].replace(/\{(\w+)\}/g, (_, name) => String(values[name]));
}

export function switchOf() {
  const nav = document.createElement("nav");
  const link = document.createElement("a");
  const other = language === "zh" ? "en" : "zh";
  const to = new URLSearchParams(location.search);
  to.set("language", other);
  link.href = `?${to}`;
  link.lang = other;
  link.textContent = say("other_language");
  nav.append(link);
  return nav;
}
