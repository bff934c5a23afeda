// One example at a time, decided by keyboard. What books say is set as text, never as markup.
"use strict";

const $ = (name) => document.getElementById(name);
const chosen = { book: "", family: "", state: "all", order: "book" };
let at = 0;
let shown = null;
let editing = false;
let busy = false;
let steps = 0;
const notes = new Map(); // pair → note that waits for its decision

async function ask(place, body) {
  const how = body === undefined ? {} : {
    method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body),
  };
  let answer;
  try {
    answer = await fetch(place, how);
  } catch {
    throw new Error("the server has stopped: start `booktune review` again");
  }
  const told = await answer.json();
  if (!answer.ok) throw new Error(told.problem || `refused (${answer.status})`);
  return told;
}

function say(words, bad = false) {
  $("said").textContent = words;
  $("said").className = bad ? "bad" : "";
}

function put(parent, kind, text, name = "") {
  const node = document.createElement(kind);
  if (text !== undefined) node.textContent = text;
  if (name) node.className = name;
  parent.append(node);
  return node;
}

function fill(name, values, empty) {
  const box = $(name);
  if (box.options.length) return;
  if (empty) box.append(new Option(empty, ""));
  for (const value of values) box.append(new Option(value.replaceAll("_", " "), value));
}

async function load(pair = "") {
  const wanted = new URLSearchParams({ ...chosen, at: String(at), pair });
  const told = await ask(`item?${wanted}`);
  at = told.at;
  shown = told.item;
  editing = false;
  fill("book", told.choices.book, "all");
  fill("family", told.choices.family, "all");
  fill("state", told.choices.state, "");
  const counts = told.counts;
  $("place").textContent = told.total ? `${at + 1} of ${told.total}` : "none";
  $("counts").textContent =
    `${counts.accept} accepted · ${counts.edit} edited · ${counts.reject} rejected`;
  $("undo").disabled = !told.undo;
  $("main").hidden = !shown;
  $("none").hidden = Boolean(shown);
  if (shown) draw();
}

function draw() {
  const one = shown.decision;
  $("verdict").hidden = !one;
  $("verdict").className = `badge ${one ? one.decision : ""}`;
  const past = { accept: "accepted", edit: "edited", reject: "rejected" };
  $("verdict").textContent = one ? past[one.decision] : "";
  const made = shown.making;
  const facts = [shown.family.replaceAll("_", " "), shown.kind, shown.split];
  if (made) facts.push(`level ${made.level}`, made.verification === "none" ? "" : made.verification);
  $("facts").textContent = facts.filter(Boolean).join(" · ");
  $("note").value = one ? one.note : notes.get(shown.pair_id) || "";
  drawTurns();
  drawSource();
  window.scrollTo(0, 0);
}

function drawTurns() {
  const box = $("turns");
  box.replaceChildren();
  const one = shown.decision;
  const turns = one && one.turns ? one.turns : shown.turns;
  turns.forEach((turn, number) => {
    put(box, "h2", turn.role);
    if (editing) {
      const area = put(box, "textarea");
      area.value = turn.content;
      area.rows = Math.min(30, turn.content.split("\n").length + 2);
      area.setAttribute("aria-label", `${turn.role}, turn ${number + 1}`);
      area.spellcheck = true;
    } else {
      put(box, "pre", turn.content);
    }
  });
  for (const name of ["accept", "edit", "reject", "previous", "next", "undo"]) $(name).hidden = editing;
  for (const name of ["save", "cancel"]) $(name).hidden = !editing;
}

function drawSource() {
  const paths = [...new Set(shown.quotes.map((quote) => quote.path))];
  $("source").textContent = `${shown.title}: ${paths.join("; ")}`;
  const pictures = $("pictures");
  pictures.replaceChildren();
  for (const page of shown.pages) {
    const picture = put(pictures, "img");
    picture.alt = `Page ${page}, evidence outlined`;
    picture.onerror = () => picture.replaceWith(`Page ${page}: no picture; the file changed or is gone.`);
    picture.src = `picture?${new URLSearchParams({ pair: shown.pair_id, page: String(page) })}`;
  }
  const quotes = $("quotes");
  quotes.replaceChildren();
  for (const quote of shown.quotes) {
    const where = quote.pages.length ? `page ${quote.pages.join(", ")}` : quote.parts.join(", ");
    put(quotes, "h2", `evidence of the ${quote.role}${where ? `, ${where}` : ""}`);
    put(quotes, "blockquote", quote.text);
  }
  const list = $("making");
  list.replaceChildren();
  const made = shown.making || {};
  const rows = {
    pair: shown.pair_id, "worded by": made.generator, recipe: made.recipe, model: made.model,
    gates: (made.gates || []).join(" "), checked: made.verified_by,
    concepts: (made.concepts || []).join(", "), needs: (made.prerequisites || []).join(", "),
    licence: shown.licence,
  };
  for (const [name, value] of Object.entries(rows)) {
    if (!value) continue;
    put(list, "dt", name);
    put(list, "dd", value);
  }
}

async function doing(work) {
  if (busy) return;
  busy = true;
  document.body.dataset.busy = "yes";
  try {
    await work();
  } catch (problem) {
    say(problem.message, true);
  } finally {
    busy = false;
    delete document.body.dataset.busy;
    if (steps) go(0);
  }
}

async function decide(decision, turns) {
  const pair = shown.pair_id;
  await ask("decide", { pair_id: pair, decision, turns, note: $("note").value });
  const past = { accept: "accepted", edit: "edited", reject: "rejected" };
  // a list of one state loses what was decided, so its next example stands in the same place
  const stays = chosen.state === "all" || chosen.state === decision;
  at += stays ? 1 : 0;
  await load();
  say(`${past[decision]} ${pair}`);
}

// A note alone is no decision: it waits for one, and beside one that is taken it is kept at once.
function noted() {
  const one = shown && shown.decision;
  const note = $("note").value;
  if (editing || !shown) return;
  if (!one) {
    notes.set(shown.pair_id, note);
    say(note ? "the note goes with your decision" : "");
  } else if (note !== one.note) {
    doing(() => keepNote(shown.pair_id, one, note));
  }
}

async function keepNote(pair, one, note) {
  const turns = one.turns ? one.turns.map((turn) => turn.content) : undefined;
  await ask("decide", { pair_id: pair, decision: one.decision, turns, note });
  await load(pair);
  say(`note kept: ${pair}`);
}

async function undo() {
  const told = await ask("undo", {});
  await load(told.pair_id);
  say(`undone: ${told.pair_id} is ${told.decision || "open"} again`);
}

// Steps add up while an answer is awaited; decisions never wait, they would meet another example.
function go(step) {
  steps += step;
  return doing(async () => {
    while (steps) {
      at = Math.max(0, at + steps);
      steps = 0;
      await load();
      say("");
    }
  });
}

function edit() {
  editing = true;
  drawTurns();
  const areas = $("turns").querySelectorAll("textarea");
  if (areas.length) areas[areas.length - 1].focus();
}

function save() {
  const turns = [...$("turns").querySelectorAll("textarea")].map((area) => area.value);
  return decide("edit", turns);
}

function cancel() {
  editing = false;
  drawTurns();
  say("");
}

const KEYS = {
  a: () => doing(() => decide("accept")), r: () => doing(() => decide("reject")),
  e: () => edit(), u: () => doing(undo),
  j: () => go(1), ArrowRight: () => go(1),
  k: () => go(-1), ArrowLeft: () => go(-1),
  n: () => $("note").focus(), b: () => $("book").focus(), f: () => $("family").focus(),
  s: () => $("state").focus(),
};

document.addEventListener("keydown", (event) => {
  if (editing) {
    if (event.key === "Escape") { event.preventDefault(); cancel(); }
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) { event.preventDefault(); doing(save); }
    return;
  }
  const writing = event.target.matches("input, select, textarea");
  if (event.key === "Escape" && writing) event.target.blur();
  if (writing || event.ctrlKey || event.metaKey || event.altKey) return;
  const act = KEYS[event.key];
  if (!act || (!shown && "aren".includes(event.key))) return;
  event.preventDefault();
  act();
});

for (const name of ["accept", "reject"]) $(name).onclick = () => doing(() => decide(name));
$("edit").onclick = edit;
$("save").onclick = () => doing(save);
$("cancel").onclick = cancel;
$("undo").onclick = () => doing(undo);
$("note").onchange = noted;
$("next").onclick = () => go(1);
$("previous").onclick = () => go(-1);
for (const name of Object.keys(chosen)) {
  $(name).onchange = () => {
    chosen[name] = $(name).value;
    at = 0;
    $(name).blur();
    doing(() => load());
  };
}
doing(() => load());
