// Without this script the page shows everything. It adds tabs, search and filter.
(() => {
  "use strict";
  const one = (query) => document.querySelector(query);
  const all = (query, from = document) => [...from.querySelectorAll(query)];
  const items = all("[data-item]").map((node) => ({ node, text: node.textContent.toLowerCase() }));
  const panels = all("[data-panel]");
  const tabs = all("[role=tab]");
  const words = one("#words"), choice = one("#class"), fold = one("#fold");
  const proofs = all("details.proof");
  let current = "";

  // tally gives how many items of a part of the page are not filtered away.
  const tally = (part) => all("[data-item]", part).filter((node) => !node.hidden).length;

  function apply() {
    const wanted = words.value.toLowerCase().split(/\s+/).filter(Boolean);
    for (const { node, text } of items) {
      node.hidden = (choice.value !== "" && node.dataset.class !== choice.value) || !wanted.every((word) => text.includes(word));
    }
    for (const row of all("tr[data-of]")) {
      row.hidden = row.dataset.of.split(" ").every((id) => document.getElementById(id).hidden);
    }
    for (const table of all("table.form")) {
      table.hidden = all("tbody tr", table).every((row) => row.hidden);
    }
    let open = 0, total = 0;
    for (const panel of panels) {
      const n = tally(panel);
      total += n;
      panel.hidden = n === 0 || (current !== "" && current !== panel.id);
      if (!panel.hidden) open += n;
      one(`[data-tab="${panel.id}"] .count`).textContent = n;
    }
    if (panels.length > 0) {
      one("#tab-all .count").textContent = total;
      one("#nothing").hidden = open > 0;
    }
    for (const group of all("[data-group]")) {
      const n = tally(group);
      group.hidden = n === 0;
      one(`.jump a[href="#${group.id}"]`).hidden = n === 0;
      total += n;
    }
    one("#shown").textContent = `${total} of ${items.length} shown`;
  }

  function select(tab) {
    current = tab.dataset.tab;
    for (const other of tabs) {
      other.setAttribute("aria-selected", String(other === tab));
      other.tabIndex = other === tab ? 0 : -1;
    }
    apply();
  }

  // The keys of a tab list: arrows go round, Home and End go to the ends.
  function keys(event) {
    const at = tabs.indexOf(event.target), last = tabs.length - 1;
    const to = { ArrowRight: at === last ? 0 : at + 1, ArrowLeft: at === 0 ? last : at - 1, Home: 0, End: last }[event.key];
    if (at < 0 || to === undefined) return;
    event.preventDefault();
    select(tabs[to]);
    tabs[to].focus();
  }

  // A link to something that the filter or the tab hides shows everything first.
  function reveal(event) {
    const link = event.target.closest('a[href^="#"]');
    const target = link && document.getElementById(link.hash.slice(1));
    if (!target || !target.closest("[hidden]")) return;
    words.value = choice.value = "";
    if (tabs.length > 0) select(tabs[0]);
    else apply();
  }

  function unfold(open) {
    for (const proof of proofs) proof.open = open;
    fold.textContent = open ? "Fold all evidence" : "Unfold all evidence";
  }

  // Paper has nothing to click on: what is folded prints unfolded.
  let folded = [];
  addEventListener("beforeprint", () => {
    folded = proofs.filter((proof) => !proof.open);
    for (const proof of folded) proof.open = true;
  });
  addEventListener("afterprint", () => {
    for (const proof of folded) proof.open = false;
  });

  for (const panel of panels) panel.setAttribute("role", "tabpanel");
  for (const tab of tabs) tab.addEventListener("click", () => select(tab));
  for (const scroll of all(".scroll")) {
    if (scroll.scrollWidth > scroll.clientWidth) scroll.tabIndex = 0; // so that the arrow keys scroll it
  }
  for (const hidden of [one("#tools"), one("#tabs")]) if (hidden) hidden.hidden = false;
  one("#tabs")?.addEventListener("keydown", keys);
  words.addEventListener("input", apply);
  choice.addEventListener("change", apply);
  fold.addEventListener("click", () => unfold(fold.textContent.startsWith("Unfold")));
  document.addEventListener("click", reveal);
  apply();
})();
