"use strict";
(function () {
  var tools = document.getElementById("tools");
  var filter = document.getElementById("filter");
  var told = document.getElementById("told");
  var claims = Array.prototype.slice.call(document.querySelectorAll("article.claim"));
  var folds = Array.prototype.slice.call(document.querySelectorAll("details"));
  function fold(open) { folds.forEach(function (one) { one.open = open; }); }
  tools.hidden = false;
  fold(false);
  document.getElementById("open").addEventListener("click", function () { fold(true); });
  document.getElementById("close").addEventListener("click", function () { fold(false); });
  window.addEventListener("beforeprint", function () { fold(true); });
  var figures = Array.prototype.slice.call(document.querySelectorAll("figure"));
  function measure() {
    figures.forEach(function (one) {
      one.classList.toggle("wider", one.scrollWidth > one.clientWidth + 1);
    });
  }
  window.addEventListener("resize", measure);
  document.addEventListener("toggle", measure, true);
  measure();
  function reveal() {
    var at = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
    for (var up = at; up; up = up.parentElement) { if (up.tagName === "DETAILS") { up.open = true; } }
    if (at) { at.scrollIntoView(); }
  }
  window.addEventListener("hashchange", reveal);
  reveal();
  filter.addEventListener("input", function () {
    var wanted = filter.value.trim().toLowerCase(), shown = 0;
    claims.forEach(function (one) {
      one.hidden = wanted !== "" && one.textContent.toLowerCase().indexOf(wanted) < 0;
      if (!one.hidden) { shown += 1; }
    });
    told.textContent = shown + " of " + claims.length + " claims";
  });
})();
