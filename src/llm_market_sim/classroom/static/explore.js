// The live page for one person.
import { loadWords, say, switchOf } from "./words.js";
import { live } from "./live.js";

const asked = new URLSearchParams(location.search);
loadWords(asked.get("language")).then(async () => {
  document.title = say("explore.title");
  const facts = await (await fetch("/facts.json")).json();
  live(document.getElementById("live"), facts, location.search);
  document.body.prepend(switchOf());
});
