"use strict";
(() => {
  const form = document.getElementById("filter"), bubble = document.getElementById("bubble");
  const messages = [...document.querySelectorAll("details.message")], steps = [...document.querySelectorAll(".step")];
  const fits = (message, name, wanted) => !wanted || (name === "outcome" ? message.dataset.outcome.split(" ").includes(wanted) : message.dataset[name] === wanted);

  const filter = () => {
    const wanted = Object.fromEntries(new FormData(form));
    for (const message of messages) message.hidden = !Object.entries(wanted).every(([name, value]) => fits(message, name, value));
    for (const step of steps) step.hidden = !step.querySelector("details.message:not([hidden])");
    document.getElementById("shown").value = messages.filter(m => !m.hidden).length + " of " + messages.length + " messages";
  };
  const openAll = open => { for (const message of messages) if (!message.hidden || !open) message.open = open; };

  // A link into something closed or filtered away opens it first.
  const reveal = () => {
    const target = location.hash.length > 1 && document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (!target) return;
    const message = target.closest("details.message");
    if (message && message.hidden) { form.reset(); filter(); }
    for (let box = target.closest("details"); box; box = box.parentElement.closest("details")) box.open = true;
    target.scrollIntoView({ block: "center" });
  };

  const explain = event => {
    const link = event.target.closest && event.target.closest(".matrix td a");
    const note = link && document.getElementById(link.getAttribute("href").slice(1));
    if (!note) { bubble.hidden = true; return; }
    const cell = link.closest("td"), table = link.closest("table"), head = document.createElement("strong");
    const recipient = table.tHead.rows[0].cells[cell.cellIndex].textContent;
    head.textContent = cell.parentElement.cells[0].firstChild.textContent.trim() + ", " + recipient;
    bubble.replaceChildren(head, ...[...note.querySelector("dd").childNodes].map(node => node.cloneNode(true)));
    bubble.hidden = false;
  };

  form.hidden = false;
  form.addEventListener("change", filter);
  document.getElementById("open").addEventListener("click", () => openAll(true));
  document.getElementById("close").addEventListener("click", () => openAll(false));
  for (const name of ["mouseover", "focusin"]) document.addEventListener(name, explain);
  document.addEventListener("keydown", event => { if (event.key === "Escape") bubble.hidden = true; });
  addEventListener("hashchange", reveal);
  filter();
  reveal();
})();
