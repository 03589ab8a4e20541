// The two sides, which on a small screen lie over the chat: opened by a button, closed by Escape, ✕ or a tap beside.

import { byId } from "./dom.js";

const chat = byId("chat");
const veil = byId("veil");
let opened = null;
let opener = null;

export function open(id) {
  if (opened) close();
  opened = byId(id);
  if (getComputedStyle(opened).position !== "fixed") {
    opened = null; // it stands beside the chat already
    return;
  }
  opener = document.activeElement;
  opened.classList.add("open");
  veil.classList.add("open");
  chat.inert = true;
  mark(true);
  opened.querySelector(".close").focus();
}

export function close() {
  if (!opened) return;
  mark(false);
  opened.classList.remove("open");
  veil.classList.remove("open");
  chat.inert = false;
  opened = null;
  opener?.focus();
}

function mark(state) {
  document.querySelector(`[aria-controls="${opened.id}"]`)?.setAttribute("aria-expanded", state);
}

veil.addEventListener("click", close);
for (const button of document.querySelectorAll(".sheet .close")) button.addEventListener("click", close);
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") close();
});
matchMedia("(max-width: 1079px)").addEventListener("change", close);
