// The bubbles. The server's timeline is the truth; what was just typed stands below it until it is in there.

import { avatar, byId, element, milliseconds } from "./dom.js";
import { current, named, word } from "./words.js";

const PAUSE = 5 * 60 * 1000; // after which the time is said again
const PATIENCE = 60 * 1000; // for an answer, before the dots give up

const log = byId("log");
const nodes = new Map();
let entries = [];
let pending = [];
let selected = null;
let names = { customer: "", company: "" };
let actions = {};

export function connect(given) {
  actions = given;
}

// Another conversation; who talks to whom.
export function begin(customer, company) {
  entries = [];
  pending = [];
  selected = null;
  names = { customer, company };
  redraw();
}

export function show(timeline) {
  const known = new Set(entries.map((one) => one.id));
  for (const one of timeline) {
    if (one.kind !== "said" || known.has(one.id)) continue;
    const place = pending.findIndex((waiting) => !waiting.failed && waiting.text === one.text);
    if (place >= 0) pending.splice(place, 1);
  }
  entries = timeline;
  draw();
}

export function redraw() {
  nodes.clear();
  log.replaceChildren();
  draw();
}

export function select(id) {
  selected = id;
  for (const [key, node] of nodes) node.classList.toggle("selected", key === id);
}

export const isEmpty = () => entries.length === 0 && pending.length === 0;
export const lastSaid = () => entries.findLast((one) => one.kind === "said")?.id ?? null;
export const textOf = (id) => entries.find((one) => one.id === id)?.text ?? "";

// Whether the customer still waits for an answer to that message; nobody waits for ever.
export function waits(id) {
  const one = entries.find((other) => other.id === id);
  if (!one || Date.now() - one.at > PATIENCE) return false;
  return one.parts === null || entries.filter((other) => other.answers === id).length < one.parts;
}

// A word on its way; call `fail` when it did not get there, and the person may try `again`.
export function put(text, again) {
  const one = { text, failed: false };
  pending.push(one);
  draw(true);
  const fail = () => {
    one.failed = true;
    draw();
  };
  one.again = () => {
    pending = pending.filter((other) => other !== one);
    again();
  };
  return { fail };
}

function draw(own = false) {
  const low = own || log.scrollHeight - log.scrollTop - log.clientHeight < 80;
  let before = 0;
  const wanted = [];
  for (const one of entries) {
    const state = JSON.stringify([one.silent, one.took, by(one)]);
    let node = nodes.get(one.id);
    if (!node || node.dataset.state !== state) {
      const fresh = one.kind === "said" ? said(one) : shown(one);
      fresh.dataset.state = state;
      if (one.at - before > PAUSE) fresh.prepend(element("time", {}, clock(one.at)));
      node?.remove();
      nodes.set(one.id, (node = fresh));
    }
    node.classList.toggle("selected", one.id === selected);
    before = one.at;
    wanted.push(node);
  }
  wanted.push(...pending.map(sending));
  if (entries.some((one) => one.kind === "said" && waits(one.id)) || pending.some((one) => !one.failed)) wanted.push(dots());
  arrange(wanted.length || !names.company ? wanted : [greeting()]);
  if (low) log.scrollTop = log.scrollHeight;
}

function arrange(wanted) {
  const kept = new Set(wanted);
  for (const child of [...log.children]) if (!kept.has(child)) child.remove();
  wanted.forEach((node, place) => {
    if (log.children[place] !== node) log.insertBefore(node, log.children[place] ?? null);
  });
}

function greeting() {
  const words = element("p", {}, word("greeting", names.customer, names.company));
  return element("li", { class: "greeting" }, avatar(names.company, "company"), words);
}

function said(one) {
  const bubble = element("button", { type: "button", class: "bubble", onclick: () => actions.open(one.id) }, one.text);
  bubble.append(element("span", { class: "unseen" }, `, ${word("see_turn")}`));
  const node = element("li", { class: "mine" }, row(avatar(names.customer, "customer"), bubble));
  if (one.silent) {
    node.append(element("button", { type: "button", class: "hush", onclick: () => actions.open(one.id) }, word("silent_by")));
  }
  return node;
}

function shown(one) {
  const bubble = element("div", { class: "bubble" }, element("p", {}, one.text));
  if (one.choices.length) {
    const choose = (choice) =>
      element("li", {}, element("button", { type: "button", onclick: () => actions.click(choice) }, choice.text));
    bubble.append(element("ul", { class: "menu" }, one.choices.map(choose)));
  }
  return element("li", { class: "theirs" }, row(avatar(names.company, "company"), bubble), meta(one));
}

function meta(one) {
  if (one.answers === null) return null;
  const words = [milliseconds(one.took), by(one) && named("answerer_", by(one))].filter(Boolean).join(" · ");
  const label = `${words}, ${word("see_turn")}`;
  return element("button", { type: "button", class: "meta", "aria-label": label, onclick: () => actions.open(one.answers) }, words);
}

function sending(one) {
  const bubble = element("div", { class: "bubble" }, one.text);
  const node = element("li", { class: "mine sending" }, row(avatar(names.customer, "customer"), bubble));
  if (one.failed) node.append(element("button", { type: "button", class: "hush failed", onclick: one.again }, word("failed")));
  return node;
}

function dots() {
  const three = element("div", { class: "bubble dots", role: "img", "aria-label": word("typing") }, ...[1, 2, 3].map(() => element("i")));
  return element("li", { class: "theirs typing" }, row(avatar(names.company, "company"), three));
}

const by = (one) => entries.find((other) => other.id === one.answers)?.answerer;
const row = (...parts) => element("div", { class: "row" }, ...parts);

function clock(at) {
  const locale = current() === "en" ? "en-GB" : "zh-CN";
  return new Date(at).toLocaleTimeString(locale, { hour: "2-digit", minute: "2-digit" });
}
