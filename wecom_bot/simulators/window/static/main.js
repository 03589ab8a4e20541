// The page: one conversation at a time is followed, and one of its turns is shown beside it.

import * as api from "./api.js";
import * as chat from "./chat.js";
import { byId, element } from "./dom.js";
import * as people from "./people.js";
import * as sheet from "./sheet.js";
import * as turn from "./turn.js";
import * as words from "./words.js";

const LONG = 20; // seconds that the server may keep us waiting for news
const composer = byId("composer");
const field = byId("words");
let place = null;
let following = new AbortController();
let selected = null; // the message whose turn is shown
let pinned = false; // whether the person chose an earlier one, and wants to keep it
let telling = 0; // how often it was begun to tell of a turn: only the last one goes on

const pause = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));

// --- following a conversation

async function go(where) {
  following.abort();
  following = new AbortController();
  place = where;
  selected = null;
  pinned = false;
  telling += 1;
  sheet.close();
  people.mark(where);
  chat.begin(where.customer, people.companyOf(where)?.name ?? "");
  turn.show(null, "");
  title();
  if (matchMedia("(pointer: fine)").matches) field.focus(); // elsewhere a keyboard would cover half of it
  await follow(where, following.signal);
}

async function follow(where, signal) {
  let after = 0;
  let wait = 0;
  while (!signal.aborted) {
    try {
      const told = await api.timeline(where, after, wait, signal);
      if (signal.aborted) return;
      after = told.seq;
      wait = LONG;
      byId("away").hidden = true;
      draw(told);
      explain(pinned ? selected : chat.lastSaid());
      people.know(await api.world());
    } catch (error) {
      if (signal.aborted) return;
      if (!(error instanceof api.Refused)) throw error;
      byId("away").hidden = false;
      wait = 0;
      await pause(1500);
    }
  }
}

function draw(told) {
  chat.show(told.entries);
  openers();
  attended(told.attendant);
}

async function refresh() {
  const { signal } = following;
  const told = await api.timeline(place, 0, 0, signal);
  if (!signal.aborted) draw(told);
}

// --- the turn beside it

function pick(id) {
  pinned = id !== chat.lastSaid();
  explain(id);
}

// Tell of a message's turn, again and again until it is over or another one is shown.
async function explain(id) {
  if (!id) return;
  selected = id;
  chat.select(id);
  const mine = ++telling;
  const { signal } = following;
  try {
    for (let step = 100; ; step = Math.min(1000, step * 1.5)) {
      const told = await api.turn(place, id, signal);
      if (mine !== telling) return;
      turn.show(told, chat.textOf(id));
      if (told.turn) await refresh(); // that the bot stays silent is to be seen nowhere else
      if (mine !== telling) return;
      if (told.callback?.state !== "pending" && !chat.waits(id)) {
        if (!told.turn?.handoff || step > 500) break; // who attends is known a moment after the last word
      }
      await pause(step);
    }
  } catch (error) {
    if (!(error instanceof api.Refused)) throw error; // whoever follows the conversation says that we are cut off
  }
}

// --- what the person does

async function tell(text, action) {
  const { signal } = following;
  const onTheWay = chat.put(text, () => tell(text, action));
  openers();
  pinned = false;
  let sent = false;
  try {
    const { id } = await action();
    sent = true;
    if (signal.aborted) return; // somebody else's conversation is shown by now
    await refresh();
    explain(id);
    people.know(await api.world());
  } catch (error) {
    if (!(error instanceof api.Refused)) throw error;
    if (!sent) onTheWay.fail(); // else whoever follows the conversation will show it
  }
}

const say = (text) => tell(text, () => api.say(place, text));
const click = (choice) => tell(choice.text, () => api.click(place, choice.id));

composer.addEventListener("submit", (event) => {
  event.preventDefault();
  const text = field.value.trim();
  if (!text) return;
  field.value = "";
  grow();
  say(text);
});

field.addEventListener("keydown", (event) => {
  // Enter that ends the choice of a Chinese word is not meant for us
  if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === 229) return;
  event.preventDefault();
  composer.requestSubmit();
});

function grow() {
  field.style.height = "auto";
  field.style.height = `${Math.min(field.scrollHeight, 132)}px`;
}

field.addEventListener("input", grow);
byId("newcomer").addEventListener("click", people.introduce);
byId("open-people").addEventListener("click", () => sheet.open("people"));
byId("open-turn").addEventListener("click", () => sheet.open("turn"));
byId("language").addEventListener("click", words.toggle);

// --- what stands around the chat

function title() {
  if (!place) return;
  const account = people.accountOf(place);
  byId("with").textContent = people.companyOf(place)?.name ?? place.corp_id;
  byId("as").textContent = `${words.word(place.channel)} · ${account?.name ?? place.account} · ${words.word("as")} ${place.customer}`;
}

function attended(attendant) {
  const badge = byId("attendant");
  badge.className = attendant ?? "";
  badge.dataset.attendant = attendant ?? "";
  badge.textContent = attendant ? words.word(`attended_${attendant}`) : "";
}

function openers() {
  const said = place && chat.isEmpty() ? (people.companyOf(place)?.openers ?? []) : [];
  byId("openers").replaceChildren(
    ...said.map((text) => element("button", { type: "button", onclick: () => say(text) }, text)),
  );
}

words.onChange(() => {
  words.fill();
  byId("language").textContent = words.current() === "en" ? "中文" : "English";
  people.draw();
  chat.redraw();
  turn.draw();
  title();
  attended(byId("attendant").dataset.attendant || null);
});

chat.connect({
  click,
  open: (id) => {
    pick(id);
    sheet.open("turn");
  },
});
people.connect(go);

async function start() {
  for (;;) {
    try {
      people.know(await api.world());
      break;
    } catch (error) {
      if (!(error instanceof api.Refused)) throw error;
      byId("away").hidden = false;
      await pause(1500);
    }
  }
  for (const each of ["words", "send", "newcomer"]) byId(each).disabled = false; // until now there was nobody to write to
  await go(people.stranger());
}

start();
