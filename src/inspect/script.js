
(() => {
  "use strict";
  const blocks = [...document.querySelectorAll(".b")];
  const parts = [...document.querySelectorAll(".part")];
  const pane = document.getElementById("record");
  const wide = matchMedia("(min-width: 60rem)");
  let lit = [], last = null;
  for (const hint of document.querySelectorAll(".scripted")) hint.hidden = false;

  const light = list => {
    for (const e of lit) e.classList.remove("lit");
    lit = list;
    for (const e of lit) e.classList.add("lit");
  };
  const partOf = block => document.getElementById("r-" + block.dataset.part);
  const blocksOf = part => (part.dataset.at || "").split(" ").map(at => document.getElementById("s-" + at)).filter(Boolean);
  const unfold = block => { const fold = block.closest("details"); if (fold) fold.open = true; };
  const shown = block => document.getElementById("f-" + block.dataset.kind).checked;
  const go = e => { unfold(e); e.focus(); e.scrollIntoView({ block: "nearest" }); };

  // What has the focus lights its other side up, and brings it into view where both sides are seen at once.
  document.addEventListener("focusin", ({ target }) => {
    const block = target.closest(".b"), part = target.closest(".part");
    if (block) {
      last = block;
      const other = partOf(block);
      light(other ? [other] : []);
      if (other && wide.matches) pane.scrollTop += other.getBoundingClientRect().top - pane.getBoundingClientRect().top - 90;
    } else if (part) {
      const others = blocksOf(part);
      light(others);
      if (others[0] && wide.matches) { unfold(others[0]); others[0].scrollIntoView({ block: "center" }); }
    } else light([]);
  });

  const step = (list, from, by) => {
    let at = list.indexOf(from);
    at = at < 0 ? (by > 0 ? 0 : list.length - 1) : at + by;
    while (list[at] && list === blocks && !shown(list[at])) at += by;
    if (list[at]) go(list[at]);
  };
  document.addEventListener("keydown", event => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const { target, key } = event;
    const block = target.closest(".b"), part = target.closest(".part");
    const by = { j: 1, k: -1, ArrowDown: 1, ArrowUp: -1 }[key];
    if (by && (key === "j" || key === "k")) step(blocks, block || last, by);
    else if (by && (block || part)) step(block ? blocks : parts, block || part, by);
    else if (key === "Enter" && target === block) { const other = partOf(block); if (other) go(other); else return; }
    else if (key === "Enter" && target === part) { const other = blocksOf(part)[0]; if (other) go(other); else return; }
    else return;
    event.preventDefault();
  });
})();
