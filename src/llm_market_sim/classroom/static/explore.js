// The live page for one person.
import { live } from "./live.js";
import { language, loadWords, node, say, switches } from "./words.js";

const facts = fetch("/facts.json").then((found) => found.json());
loadWords(new URLSearchParams(location.search).get("language")).then(async () => {
  document.title = document.querySelector("h1").textContent = say("explore.title");
  let page = null;
  document.querySelector("header").append(node("a", { class: "button", href: `/firm?language=${language}` },
    say("alone.title")), ...switches(() => page && page.redraw()));
  const main = document.querySelector("main");
  main.textContent = say("live.wait");
  const found = await facts;
  main.textContent = "";
  page = live(main, found, location.search);
});
