// Shows an answer as the phone will while it is being written, and says when something new comes. Without this script
// there is a button to look first, and the page is loaded again by hand.
"use strict";
{
  const AFTER = 500;
  const EVERY = 15000;
  // Whoever leaves the page open is still logged out an hour later: asking keeps a session alive, so it ends.
  let looks = 60;

  const form = document.querySelector("[data-draft]");
  if (form) {
    const shown = form.querySelector("[data-shown]");
    const told = document.querySelector("[data-told]");
    let turn = 0;
    let timer = 0;
    const draw = async () => {
      const mine = ++turn;
      try {
        const answer = await fetch(form.dataset.draft, { method: "POST", body: new FormData(form), redirect: "error" });
        if (!answer.ok || mine !== turn) return;
        shown.innerHTML = await answer.text();
        const size = shown.querySelector("[data-size]");
        told.textContent = size ? size.textContent : "";
        looks = 60;
      } catch {
        // The button is still there.
      }
    };
    const soon = () => {
      clearTimeout(timer);
      timer = setTimeout(draw, AFTER);
    };
    form.text.addEventListener("input", soon);
    for (const button of form.querySelectorAll("button[name=put]")) {
      button.addEventListener("click", (event) => {
        event.preventDefault();
        form.text.value = `${form.text.value.trimEnd()}\n${button.value}`.trim();
        form.text.focus();
        soon();
      });
    }
    if (form.text.value) soon();
  }

  const place = document.querySelector("[data-news]");
  let last = "";
  const ask = async () => {
    if (!document.hidden) {
      looks -= 1;
      try {
        const answer = await fetch(place.dataset.news, { redirect: "error" });
        if (!answer.ok) return;
        const text = (await answer.text()).trim();
        // Only what changed is said aloud again.
        if (text !== last) place.innerHTML = text;
        last = text;
      } catch {
        // The next look may succeed.
      }
    }
    if (looks > 0) setTimeout(ask, EVERY);
  };
  if (place) setTimeout(ask, EVERY);
}
