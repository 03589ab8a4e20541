// The turn beside the chat: what happened from the callback to the answer, in the order in which it happened.

import { byId, element, milliseconds } from "./dom.js";
import { named, word } from "./words.js";

const panel = byId("thoughts");
let shown = { told: null, text: "" };

export function show(told, text) {
  if (shown.told && JSON.stringify(told) === JSON.stringify(shown.told) && text === shown.text) return;
  shown = { told, text };
  draw();
}

export function draw() {
  const { told, text } = shown;
  if (!told) {
    panel.replaceChildren(element("p", { class: "empty" }, word("nothing_yet"), element("br"), word("nothing_yet_more")));
    return;
  }
  const { callback, turn } = told;
  const parts = [element("blockquote", {}, text), received(callback, turn)];
  if (turn) parts.push(intent(turn), slots(turn), passages(turn), answer(turn), time(turn), state(turn));
  else parts.push(element("p", { class: "empty" }, word("thinking")));
  const open = [...panel.querySelectorAll("details")].map((one) => one.open);
  panel.replaceChildren(...parts.filter(Boolean));
  [...panel.querySelectorAll("details")].forEach((one, place) => (one.open = open[place] ?? false));
}

function card(key, badge, ...children) {
  const head = element("header", {}, element("h3", {}, word(key)), badge);
  return element("section", { class: `card ${key}`, "aria-label": word(key) }, head, children);
}

const badge = (text, kind = "") => element("span", { class: `badge ${kind}` }, text);

function facts(pairs) {
  const kept = pairs.filter(([, value]) => value !== null && value !== undefined && value !== "");
  return element("dl", {}, kept.flatMap(([key, value]) => [element("dt", {}, key), element("dd", {}, value)]));
}

function score(value) {
  const bar = element("i");
  bar.style.width = `${Math.round(value * 100)}%`;
  return element("span", { class: "score" }, element("span", { class: "gauge", "aria-hidden": "true" }, bar), value.toFixed(2));
}

function received(callback, turn) {
  const kind = { acknowledged: "good", given_up: "bad", swallowed: "bad" }[callback?.state] ?? "";
  const seal = callback ? badge(word(`delivery_${callback.state}`), kind) : badge(word("no_callback"));
  const tries = (callback?.tries ?? []).map((one, place) =>
    element(
      "li",
      {},
      element("span", {}, word("attempt", place + 1)),
      element("b", { class: one.status === 200 ? "good" : "bad" }, one.status ? `HTTP ${one.status}` : one.error),
      element("span", {}, milliseconds(one.took)),
    ),
  );
  const trace = turn && element("p", { class: "trace" }, element("span", {}, word("trace")), element("code", {}, turn.trace_id), copier(turn.trace_id));
  return card("callback", seal, tries.length ? element("ul", { class: "tries" }, tries) : null, trace);
}

function copier(text) {
  const button = element("button", { type: "button", class: "quiet" }, word("copy"));
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(text);
    button.textContent = word("copied");
  });
  return button;
}

function intent(turn) {
  if (turn.intent.name === "fallback") {
    const tried = turn.spent.some((one) => one.name === "RecognizeIntent");
    return card("intent", badge(word(tried ? "intent_fallback" : "intent_skipped")), by(turn));
  }
  return card("intent", element("code", { class: "badge" }, turn.intent.name), score(turn.intent.score), by(turn));
}

const by = (turn) => (turn.recognizer ? facts([[word("by"), named("recognizer_", turn.recognizer)]]) : null);

function slots(turn) {
  const { slots: filled, asking, asked } = turn.state;
  const value = (name) => (name in turn.heard ? [filled[name], " ", badge(word("heard"), "good")] : filled[name]);
  const pairs = Object.keys(filled).map((name) => [name, value(name)]);
  if (!pairs.length && !asking) return null;
  const again = asked > 1 ? `（${word("asked_times", asked)}）` : "";
  const seal = asking ? badge(`${word("asking")} ${asking}${again}`, "warm") : null;
  return card("slots", seal, pairs.length ? facts(pairs) : null);
}

function passages(turn) {
  if (!turn.passages.length) return null;
  const items = turn.passages.map((one) => {
    const matched = one.matched && one.matched !== one.question ? `${word("matched")}：${one.matched}` : null;
    return element(
      "li",
      {},
      element("details", {}, element("summary", {}, element("span", {}, one.question), score(one.score)), element("p", {}, one.answer), element("p", { class: "small" }, [shares(one), matched, one.id].filter(Boolean).join(" · "))),
    );
  });
  const seal = [turn.search && named("search_", turn.search), items.length].filter(Boolean).join(" · ");
  return card("passages", badge(seal), element("ol", {}, items));
}

function shares(one) {
  if (typeof one.words !== "number") return null;
  const meaning = typeof one.meaning === "number" ? ` ${word("share_meaning")} ${one.meaning.toFixed(2)}` : "";
  return `${word("share_words")} ${one.words.toFixed(2)}${meaning}`;
}

function answer(turn) {
  const seal = badge(turn.settled ? named("answerer_", turn.answerer) : word("silent"), turn.settled ? "good" : "warm");
  const handoff = turn.handoff ? named("handoff_", turn.handoff) : null;
  const parts = turn.parts > 1 ? badge(word("parts", turn.parts)) : null;
  const together = turn.messages > 1 ? word("together_of", turn.messages) : null;
  return card("answer", [parts, seal], handoff || together ? facts([[word("handoff"), handoff], [word("together"), together]]) : null);
}

function time(turn) {
  const total = turn.way.reduce((sum, leg) => sum + leg.took, 0);
  const strip = element("div", { class: "strip", "aria-hidden": "true" });
  const legend = element("ul", { class: "legend" });
  for (const leg of turn.way) {
    const part = element("i", { class: leg.name });
    part.style.flexGrow = Math.max(leg.took, total / 100);
    strip.append(part);
    legend.append(element("li", {}, element("i", { class: leg.name }), word(`way_${leg.name}`), element("b", {}, milliseconds(leg.took))));
  }
  return card("time", badge(milliseconds(total)), strip, legend, stages(turn.spent));
}

function stages(spent) {
  if (!spent.length) return null;
  const most = Math.max(...spent.map((one) => one.took), 0.001);
  const rows = spent.map((one) => {
    const bar = element("i");
    bar.style.width = `${Math.max(1, (100 * one.took) / most)}%`;
    return element("li", { title: one.name }, element("span", {}, named("", one.name)), element("span", { class: "gauge", "aria-hidden": "true" }, bar), element("b", {}, milliseconds(one.took)));
  });
  return element("div", {}, element("h4", {}, word("stages")), element("ol", { class: "stages" }, rows));
}

function state({ state: one, handoff }) {
  const pairs = [
    [word("session"), element("code", {}, one.session_id)],
    [word("goal"), one.intent],
    [word("misses"), one.misses ? String(one.misses) : null],
    [word("offered"), one.offered.join("、")],
    [word("writer_memory"), one.writer_memory && element("code", {}, one.writer_memory)],
  ];
  const attended = word(`attended_${one.attendant}`) + (handoff ? ` → ${word("handoff")}` : "");
  return card("state", badge(attended, handoff || one.attendant !== "bot" ? "warm" : ""), facts(pairs));
}
