// The live picture: presets and sliders at the left, what the worlds answer at the right.
import { language, say } from "./words.js";

const session = Math.random().toString(36).slice(2);

export function live(root, facts) {
  const preset = document.createElement("select");
  preset.setAttribute("aria-label", say("live.preset"));
  for (const one of facts.presets) preset.append(new Option(one.label[language], one.name));
  const told = document.createElement("p");
  told.setAttribute("role", "status");
  root.append(preset, told);
  let running = null;
  async function ask() {
    if (running) running.abort();
    running = new AbortController();
    const link = new URLSearchParams({ preset: preset.value, session });
    const answer = await fetch(`/answers?${link}`, { signal: running.signal });
    const reader = answer.body.getReader();
    const decoder = new TextDecoder();
    let rest = "";
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      rest += decoder.decode(value, { stream: true });
      const lines = rest.split("\n");
      rest = lines.pop();
      if (lines.length) draw(JSON.parse(lines[lines.length - 1]));
    }
  }
  function draw(one) {
    told.textContent = say("live.same", { same: one.paired.same, worlds: one.worlds });
  }
  preset.addEventListener("change", ask);
  ask();
}
