// Shows a text as it is written, and counts people, without loading the page again. All of it goes without this script,
// by the buttons of the page.
"use strict";
{
  const WAIT = 700;
  const ask = async (form, where, place) => {
    const body = new URLSearchParams(new FormData(form));
    body.set("piece", "yes");
    if (place.dataset.do) body.set("do", place.dataset.do);
    place.setAttribute("aria-busy", "true");
    try {
      const answer = await fetch(where, { method: "POST", body, redirect: "error" });
      if (answer.ok || answer.status === 400) place.innerHTML = await answer.text();
      else form.submit();
    } catch {
      // What is shown stays; the buttons of the page still work.
    }
    place.removeAttribute("aria-busy");
  };
  for (const place of document.querySelectorAll("[data-live]")) {
    const form = place.closest("form");
    let later = 0;
    let asked = 0;
    form.addEventListener("input", (event) => {
      if (!event.target.closest("[data-shown]")) return;
      clearTimeout(later);
      asked += 1;
      later = setTimeout(() => ask(form, place.dataset.live, place), WAIT);
    });
  }
  for (const place of document.querySelectorAll("[data-count]")) {
    const form = document.getElementById(place.dataset.form) ?? place.closest("form");
    const button = document.getElementById(place.dataset.count);
    const count = () => ask(form, form.action, place);
    button.addEventListener("click", (event) => {
      event.preventDefault();
      count();
    });
    if ("now" in place.dataset) count();
  }
}
