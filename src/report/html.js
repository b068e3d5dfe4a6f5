"use strict";
// Without this the page can be read as it is; with it, it can be filtered, sorted and walked through.
(() => {
  const $ = (id) => document.getElementById(id);
  const controls = $("controls");
  const list = $("findings");
  const findings = [...document.querySelectorAll(".finding")];
  const rows = [...document.querySelectorAll("#index tbody tr")];
  const RANK = { error: 0, warning: 1, note: 2, high: 0, medium: 1, low: 2 };
  [findings, rows].forEach((all) => all.forEach((item, i) => { item.place = i; }));

  // ---- theme: as the system has it, until the button says otherwise
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const isDark = () => (document.documentElement.dataset.theme || (dark.matches ? "dark" : "light")) === "dark";
  const nameTheme = () => { if ($("theme")) $("theme").textContent = isDark() ? "Light" : "Dark"; };

  // ---- open what an address names
  const reveal = () => {
    const target = location.hash && $(location.hash.slice(1));
    if (target && target.tagName === "DETAILS") target.open = true;
  };
  addEventListener("hashchange", reveal);
  reveal();

  for (const cell of document.querySelectorAll(".copy")) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = "Copy";
    button.addEventListener("click", async () => {
      const code = cell.querySelector("code");
      try {
        await navigator.clipboard.writeText(code.textContent);
        button.textContent = "Copied";
      } catch {
        getSelection().selectAllChildren(code);
        button.textContent = "Selected";
      }
      setTimeout(() => { button.textContent = "Copy"; }, 1500);
    });
    cell.append(button);
  }
  if (!controls) return;

  // ---- filter
  const text = (item) => (item.words ??= (item.querySelector("summary") || item).textContent.toLowerCase());
  const wanted = (item) => {
    const words = $("text").value.toLowerCase().split(/\s+/).filter(Boolean);
    return ["severity", "confidence", "effect"].every((key) => !$(key).value || item.dataset[key] === $(key).value)
      && words.every((word) => text(item).includes(word));
  };
  const filter = () => {
    let shown = 0;
    for (const item of findings) { item.hidden = !wanted(item); shown += !item.hidden; }
    const visible = new Set(findings.filter((item) => !item.hidden).map((item) => item.id));
    for (const row of rows)
      row.hidden = ![...row.querySelectorAll(".holder a, .places a")].some((a) => visible.has(a.hash.slice(1)));
    $("shown").textContent = shown === findings.length ? `${shown} shown.` : `${shown} of ${findings.length} shown.`;
  };

  // ---- sort
  const orders = {
    "": (a, b) => a.place - b.place,
    path: (a, b) => (a.dataset.path < b.dataset.path ? -1 : a.dataset.path > b.dataset.path ? 1 : a.place - b.place),
    rule: (a, b) => (a.dataset.rule < b.dataset.rule ? -1 : a.dataset.rule > b.dataset.rule ? 1
      : RANK[a.dataset.severity] - RANK[b.dataset.severity] || a.place - b.place),
  };
  const sort = () => {
    const order = orders[$("sort").value];
    list.append(...findings.sort(order));
    if (rows.length) rows[0].parentNode.append(...rows.sort(order));
  };

  // ---- keys
  let at = -1;
  const go = (step) => {
    const all = findings.filter((item) => !item.hidden);
    if (!all.length) return;
    const here = all.indexOf(document.activeElement?.closest?.(".finding"));
    at = Math.min(Math.max((here >= 0 ? here : at) + step, 0), all.length - 1);
    all[at].open = true;
    all[at].querySelector("summary").focus({ preventScroll: true });
    all[at].scrollIntoView({ block: "start" });
  };
  const fold = (open) => {
    for (const item of findings) item.open = open;
    $("fold").textContent = open ? "Fold all" : "Open all";
  };
  addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (/^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName)) {
      if (event.key === "Escape") event.target.blur();
      return;
    }
    const current = document.activeElement?.closest?.(".finding");
    if (event.key === "j") go(1);
    else if (event.key === "k") go(-1);
    else if (event.key === "o" && current) current.open = !current.open;
    else if (event.key === "/") { event.preventDefault(); $("text").focus(); }
  });

  controls.addEventListener("submit", (event) => event.preventDefault());
  controls.addEventListener("input", filter);
  $("sort").addEventListener("change", sort);
  $("fold").addEventListener("click", () => fold(!findings.some((item) => item.open)));
  $("theme").addEventListener("click", () => {
    document.documentElement.dataset.theme = isDark() ? "light" : "dark";
    nameTheme();
  });
  fold(findings.some((item) => item.open));
  nameTheme();
  filter();
  controls.hidden = false;
})();
