(function () {
  "use strict";
  var all = function (selector, within) { return Array.prototype.slice.call((within || document).querySelectorAll(selector)); };
  var shown = document.getElementById("rows-shown");
  var input = document.getElementById("rows-filter");
  var rows = all("#rows-table tbody tr");
  var figure = "";
  function fold(text) { return text.toLowerCase().normalize("NFD").replace(/[\u0300-\u036f]/g, ""); }
  var texts = rows.map(function (row) { return fold(row.textContent); });
  function filter() {
    var words = fold(input ? input.value : "").split(/\s+/).filter(Boolean);
    var count = 0;
    rows.forEach(function (row, i) {
      var fits = !figure || row.getAttribute("data-in").indexOf("|" + figure + "|") >= 0;
      fits = fits && words.every(function (word) { return texts[i].indexOf(word) >= 0; });
      row.hidden = !fits;
      if (fits) { count += 1; }
    });
    if (shown) { shown.textContent = count + " / " + rows.length; }
    var label = document.getElementById("rows-figure");
    if (label) { label.textContent = figure; label.parentNode.hidden = !figure; }
  }
  function sortBy(header) {
    var table = header.closest("table");
    var place = Array.prototype.indexOf.call(header.parentNode.children, header);
    var down = header.getAttribute("aria-sort") === "ascending";
    all("th", table).forEach(function (one) { one.removeAttribute("aria-sort"); });
    header.setAttribute("aria-sort", down ? "descending" : "ascending");
    var body = table.tBodies[0];
    var key = function (row) {
      var cell = row.children[place];
      var value = cell.getAttribute("data-v");
      return value === null ? cell.textContent.trim() : value;
    };
    var collator = new Intl.Collator(document.documentElement.lang, { numeric: true, sensitivity: "base" });
    var compare = function (one, other) {
      var a = key(one), b = key(other);
      if (a === "" || b === "") { return a === b ? 0 : a === "" ? 1 : -1; }
      var x = Number(a), y = Number(b);
      var order = isNaN(x) || isNaN(y) ? collator.compare(a, b) : x - y;
      return down ? -order : order;
    };
    Array.prototype.slice.call(body.rows).sort(compare).forEach(function (row) { body.appendChild(row); });
  }
  all("table.sortable th").forEach(function (header) {
    header.tabIndex = 0;
    header.addEventListener("click", function () { sortBy(header); });
    header.addEventListener("keydown", function (event) { if (event.key === "Enter" || event.key === " ") { event.preventDefault(); sortBy(header); } });
  });
  all("input[data-filters]").forEach(function (one) {
    one.addEventListener("input", function () {
      var words = fold(one.value).split(/\s+/).filter(Boolean);
      all(one.getAttribute("data-filters")).forEach(function (item) {
        var text = fold(item.textContent);
        item.hidden = !words.every(function (word) { return text.indexOf(word) >= 0; });
      });
    });
  });
  if (input) { input.addEventListener("input", filter); }
  function route() {
    var hash = decodeURIComponent(location.hash.slice(1));
    var page = hash.indexOf("rows=") === 0 ? "leads" : hash || "overview";
    var target = document.getElementById(page);
    var section = target ? target.closest("section.page") || target : null;
    if (!section || !section.classList.contains("page")) { section = document.getElementById("overview"); }
    all("section.page").forEach(function (one) { one.hidden = one !== section; });
    all("nav a").forEach(function (one) {
      var own = one.getAttribute("href").slice(1);
      var active = own === section.id || (own === "accounts" && section.classList.contains("account"));
      if (active) { one.setAttribute("aria-current", "page"); } else { one.removeAttribute("aria-current"); }
    });
    if (page === "leads") { figure = hash.indexOf("rows=") === 0 ? hash.slice(5) : ""; filter(); }
    if (target && target !== section) { target.scrollIntoView(); } else { window.setTimeout(function () { window.scrollTo(0, 0); }, 0); }
  }
  window.addEventListener("hashchange", route);
  document.documentElement.classList.add("live");
  route();
})();
