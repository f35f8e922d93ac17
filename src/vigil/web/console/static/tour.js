// The tour's strip: one step at a time, on to the next when its thing is done. Where a browser is stands in a cookie, for the server to draw.
(() => {
  "use strict";

  const tour = document.querySelector("#tour");
  if (!tour) return;
  const main = document.querySelector("main");
  const steps = [...tour.querySelectorAll("li")];
  let at = steps.findIndex((step) => !step.hidden);

  const keep = (value) => (document.cookie = `vigil_tour=${value}; path=/; max-age=86400; samesite=lax`);

  function go(to) {
    if (to === at || to < 0 || to >= steps.length) return;
    at = to;
    steps.forEach((step, place) => (step.hidden = place !== at));
    document.querySelector("#tour-said").textContent = steps[at].querySelector("p").textContent;
    keep(at);
    tidy();
  }

  function tidy() {
    tour.querySelector("[data-tour=back]").disabled = at === 0;
    tour.querySelector("[data-tour=next]").disabled = at === steps.length - 1;
  }

  function look() {
    const { done, address } = steps[at].dataset;
    if (done && location.pathname === address && document.querySelector(done)) go(at + 1);
  }

  tour.addEventListener("click", (event) => {
    const does = event.target.closest("[data-tour]")?.dataset.tour;
    if (does === "next") go(at + 1);
    if (does === "back") go(at - 1);
    if (does === "over") {
      keep("over");
      tour.remove();
      main.tabIndex = -1;
      main.focus();
    }
    const link = event.target.closest("li a");
    if (link && link.target && !steps[at].dataset.done) setTimeout(go, 0, at + 1);
  });

  // What is done shows in the page, whoever changed it: a key, a click, or news from the server.
  let soon;
  new MutationObserver(() => {
    clearTimeout(soon);
    soon = setTimeout(look, 50);
  }).observe(main, { subtree: true, childList: true, attributes: true, attributeFilter: ["open"] });
  tidy();
  look();
})();
