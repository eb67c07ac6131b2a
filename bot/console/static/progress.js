// Shows how a broadcast goes on without loading the page again. Without this script the page has a link for it.
"use strict";
{
  const place = document.querySelector("[data-follow]");
  const EVERY = 5000;
  // Whoever leaves the page open is still logged out an hour later: asking keeps a session alive, so it ends.
  let looks = 180;
  const look = async () => {
    if (!document.hidden) {
      looks -= 1;
      try {
        const answer = await fetch(place.dataset.follow, { redirect: "error" });
        if (!answer.ok) return;
        place.innerHTML = await answer.text();
      } catch {
        // The next look may succeed.
      }
    }
    if (looks > 0) setTimeout(look, EVERY);
  };
  if (place) setTimeout(look, EVERY);
}
