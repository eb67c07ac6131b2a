// Shows a text as it is written, and counts people, without loading the page again. All of it goes without this script,
// by the buttons of the page.
"use strict";
{
  const WAIT = 700;
  let asked = 0;
  const newest = new Map();
  const ask = async (form, where, place, button) => {
    const mine = ++asked;
    newest.set(place, mine);
    const body = new URLSearchParams(new FormData(form));
    body.set("piece", "yes");
    if (place.dataset.do) body.set("do", place.dataset.do);
    place.setAttribute("aria-busy", "true");
    try {
      const answer = await fetch(where, { method: "POST", body, redirect: "manual" });
      const said = await answer.text();
      if (newest.get(place) !== mine) return; // what was written since is on its way
      if (answer.ok || answer.status === 400) place.innerHTML = said;
      else if (button) form.requestSubmit(button); // the page that comes then says why
    } catch {
      // There is no way to the house just now: what was written stays, and the buttons work again later.
    }
    place.removeAttribute("aria-busy");
  };
  for (const place of document.querySelectorAll("[data-live]")) {
    const form = place.closest("form");
    let later = 0;
    form.addEventListener("input", (event) => {
      if (!event.target.closest("[data-shown]")) return;
      clearTimeout(later);
      later = setTimeout(() => ask(form, place.dataset.live, place), WAIT);
    });
  }
  for (const place of document.querySelectorAll("[data-count]")) {
    const form = document.getElementById(place.dataset.form) ?? place.closest("form");
    const button = document.getElementById(place.dataset.count);
    if (!button) continue; // there is nothing to count for whoever looks at it
    const count = () => ask(form, form.action, place, button);
    button.addEventListener("click", (event) => {
      event.preventDefault();
      count();
    });
    if ("now" in place.dataset) count();
  }
}
