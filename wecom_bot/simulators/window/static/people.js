// Who there is: the conversations so far, and the form for another customer.

import { avatar, byId, element } from "./dom.js";
import { word } from "./words.js";

const list = byId("conversations");
const dialog = byId("introduction");
let companies = [];
let places = [];
let opened = []; // chosen here, and perhaps nothing was said yet
let chosen = null;
let choose = () => {};

export const keyOf = (place) => JSON.stringify([place.corp_id, place.channel, place.account, place.customer]);
export const companyOf = (place) => companies.find((one) => one.corp_id === place.corp_id);
export const accountOf = (place) =>
  companyOf(place)?.accounts.find((one) => one.channel === place.channel && one.account === place.account);

export function connect(onChoose) {
  choose = onChoose;
}

export function know(world) {
  companies = world.companies;
  places = world.conversations;
  draw();
}

// The first company's first account, as a customer who wrote to nobody yet.
export function stranger() {
  const [{ corp_id, accounts }] = companies;
  const { channel, account } = accounts[0];
  return { corp_id, channel, account, customer: word("guest") };
}

export function mark(place) {
  chosen = keyOf(place);
  if (!opened.some((one) => keyOf(one) === chosen)) opened = [place, ...opened];
  draw();
}

export function draw() {
  const said = new Set(places.map(keyOf));
  const fresh = opened.filter((one) => !said.has(keyOf(one)));
  list.replaceChildren(...[...fresh, ...places].map(item));
}

function item(place) {
  const key = keyOf(place);
  const through = `${companyOf(place)?.name ?? place.corp_id} · ${word(place.channel)}`;
  const button = element(
    "button",
    { type: "button", "aria-current": key === chosen ? "true" : null, onclick: () => choose(place) },
    avatar(place.customer, "customer"),
    element("span", { class: "name" }, place.customer),
    element("span", { class: `through ${place.channel}` }, through),
    element("span", { class: "last" }, place.text ?? ""),
  );
  return element("li", {}, button);
}

function accounts() {
  const company = companies.find((one) => one.corp_id === byId("company").value);
  const radio = (one, place) =>
    element(
      "label",
      {},
      element("input", { type: "radio", name: "account", value: place, checked: place === 0 }),
      element("span", {}, word(one.channel), element("small", {}, one.name)),
    );
  byId("accounts").replaceChildren(...company.accounts.map(radio));
}

export function introduce() {
  byId("company").replaceChildren(...companies.map((one) => element("option", { value: one.corp_id }, one.name)));
  accounts();
  byId("customer").value = "";
  dialog.showModal();
  byId("customer").focus();
}

byId("company").addEventListener("change", accounts);
byId("cancel").addEventListener("click", () => dialog.close());
dialog.querySelector("form").addEventListener("submit", (event) => {
  event.preventDefault();
  const customer = byId("customer").value.trim();
  if (!customer) return;
  const company = companies.find((one) => one.corp_id === byId("company").value);
  const { channel, account } = company.accounts[Number(dialog.querySelector("[name=account]:checked").value)];
  dialog.close();
  choose({ corp_id: company.corp_id, channel, account, customer });
});
