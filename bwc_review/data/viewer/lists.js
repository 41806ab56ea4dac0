/* Tags, suggestions, measures, files met and custody history as lists. The same facts lie in data/review. */
"use strict";

BWC.STATUS_WORDS = {
  computed: "computed from confirmed tags",
  none_found: "none found; the whole window was covered",
  not_observable: "not observable: part of the window was not covered, so absence cannot be claimed",
  right_censored: "a lower bound: still going on when the recording ended",
  left_censored: "a lower bound: the start was not recorded",
  not_applicable: "does not apply here",
  needs_confirmation: "waits for a person to decide a suggestion",
};

BWC.heading = (title, ...lines) => BWC.el("div", { class: "heading" }, BWC.el("h2", null, title), ...lines.map((line) => BWC.el("p", null, line)));

/* `columns`: [name, share of the width in per cent]. */
BWC.table = function (columns, rows) {
  const body = BWC.el("tbody", null, ...rows.map((row) => BWC.el("tr", { class: row.class || "" }, ...row.cells.map((cell) => BWC.el("td", null, cell)))));
  const head = BWC.el("tr", null, ...columns.map(([name]) => BWC.el("th", { scope: "col" }, name)));
  const widths = columns.map(([, share]) => { const col = BWC.el("col"); col.style.width = `${share}%`; return col; });
  return BWC.el("table", null, BWC.el("colgroup", null, ...widths), BWC.el("thead", null, head), body);
};

BWC.goButton = (item, open) => BWC.el("button", { class: "at", type: "button", onclick: () => open(item), "aria-label": `Play from ${BWC.clock(item.start)}` }, `\u25b6 ${BWC.clock(item.start)}`);

BWC.showTags = function (bundle, root, play) {
  const live = bundle.tags.filter((tag) => tag.state === "confirmed").sort((a, b) => a.start - b.start);
  const rest = bundle.tags.filter((tag) => tag.state !== "confirmed").sort((a, b) => a.start - b.start);
  root.replaceChildren(BWC.el("p", { class: "note" }, `${BWC.count(live.length, "tag", "tags")} in force. Click one to play it with a second before and after.`));
  const rows = live.map((tag) => ({ tag, node: BWC.tagRow(tag, play) }));
  root.append(...rows.map((row) => row.node));
  if (rest.length) root.append(BWC.el("h3", null, "No longer in force (superseded, withdrawn or not confirmed)"), ...rest.map((tag) => BWC.tagRow(tag, play)));
  return (t, playing) => {
    for (const row of rows) {
      const here = t >= row.tag.start && t < Math.max(row.tag.shown_end, row.tag.start + 500000);
      if (here === row.here) continue;
      row.here = here;
      row.node.classList.toggle("here", here);
      if (here && playing && !root.matches(":hover")) row.node.scrollIntoView({ block: "nearest" });
    }
  };
};

BWC.tagRow = function (tag, play) {
  const attributes = Object.entries(tag.attrs).map(([name, value]) => `${BWC.plain(name)}: ${Array.isArray(value) ? value.map(BWC.plain).join(", ") : BWC.plain(value)}`);
  const details = [tag.end !== tag.start ? BWC.stretch(tag) : null, BWC.margin(tag.uncertainty), ...attributes, BWC.plain(tag.modality), `by ${tag.by}`].filter(Boolean);
  const family = BWC.familyOf(tag.code);
  const title = BWC.el("p", null, tag.label || tag.code, BWC.el("span", { class: "people" }, BWC.who(tag)));
  const said = BWC.el("div", { class: "said" }, title, BWC.el("p", { class: "small" }, `${family.name}  \u00b7  ${tag.code}  \u00b7  ${details.join("  \u00b7  ")}`));
  if (tag.state !== "confirmed") said.append(BWC.el("p", { class: "small" }, tag.state));
  if (tag.note) said.append(BWC.el("p", { class: "small" }, `note: ${tag.note}`));
  return BWC.el("div", { class: `row tag ${tag.state} family-${family.id}` }, BWC.goButton(tag, play), said);
};

BWC.showSuggestions = function (bundle, root, play) {
  root.append(BWC.heading("Machine suggestions", "Words the machine found that resemble a phrase of the lexicon. They count for nothing until a person has listened. Rejected ones stay here with the reason."));
  const groups = [["open", "Open: nobody has decided"], ["rejected", "Rejected by a person"], ["confirmed", "Confirmed by a person"]];
  for (const [state, title] of groups) {
    const start = (one) => (one.incident_span ? one.incident_span[0] : Infinity);
    const found = bundle.candidates.filter((one) => one.state === state).sort((a, b) => start(a) - start(b));
    root.append(BWC.el("h3", null, `${title} (${found.length})`));
    if (!found.length) { root.append(BWC.el("p", { class: "note" }, "None.")); continue; }
    root.append(BWC.table([["When", 9], ["Suggested as", 20], ["Words", 20], ["Why it matched", 27], ["Decision", 24]], found.map((one) => ({ cells: BWC.suggestionCells(one, play) }))));
  }
};

BWC.suggestionCells = function (one, play) {
  const span = one.incident_span;
  const decision = one.decision;
  const said = decision ? `${decision.state} by ${decision.by}, ${BWC.utc(decision.at)}: ${decision.reason || "no reason given"}` : "open";
  const wary = one.flags.length ? `; be wary: ${one.flags.map(BWC.plain).join(", ")}` : "";
  return [span ? BWC.goButton({ start: span[0], end: span[1], recording: one.recording }, play) : "not placed", `${one.label || one.code} (${one.code})`, `\u201c${one.words}\u201d`,
    `${one.why.replace(/\.$/, "")}. Word confidence ${Math.round(one.confidence / 10)}\u00a0%, weakest word ${Math.round(one.weakest / 10)}\u00a0%${wary}`, said];
};

BWC.showMeasures = function (bundle, root, play) {
  root.append(BWC.heading("Measures", "Computed from confirmed tags only. A value is not a judgement and has no pass mark; each carries its uncertainty and how much of its window the cameras covered."));
  const tags = new Map(bundle.tags.map((tag) => [tag.id, tag]));
  const undecided = bundle.candidates.filter((one) => one.state === "open").length;
  if (undecided) root.append(BWC.el("p", { class: "note" }, `${BWC.count(undecided, "machine suggestion is", "machine suggestions are")} not decided yet; what they say is in none of these values.`));
  if (!bundle.measures.length) root.append(BWC.el("p", { class: "note" }, "No measures were computed."));
  const apply = bundle.measures.filter((one) => one.status !== "not_applicable");
  const rest = bundle.measures.filter((one) => one.status === "not_applicable");
  root.append(...apply.map((one) => BWC.measureRow(one, tags, play)));
  if (rest.length) root.append(BWC.el("h3", null, `Do not apply here (${rest.length})`), ...rest.map((one) => BWC.measureRow(one, tags, play)));
};

BWC.measureRow = function (one, tags, play) {
  const facts = [BWC.STATUS_WORDS[one.status] || BWC.plain(one.status)];
  if (one.uncertainty !== null) facts.push(`uncertainty ${BWC.margin(one.uncertainty)}`);
  if (one.coverage) facts.push(`audio coverage ${BWC.share(one.coverage.audio)}, video coverage ${BWC.share(one.coverage.video)}`);
  facts.push(...one.flags.map(BWC.plain));
  const basis = one.basis.map((id) => tags.get(id)).filter(Boolean);
  return BWC.el("article", { class: "measure" }, BWC.el("span", { class: "code" }, one.code),
    BWC.el("div", null, BWC.el("p", { class: "line" }, one.line), BWC.el("p", { class: "small" }, [BWC.plain(one.name), BWC.subject(one, tags), ...facts].join("  \u00b7  "))),
    BWC.el("div", { class: "basis" }, ...basis.map((tag) => BWC.goButton(tag, play))));
};

BWC.subject = function (one, tags) {
  const tag = tags.get(one.subject);
  return `of ${tag ? `${tag.label || tag.code} at ${BWC.clock(tag.start)}` : BWC.plain(one.subject)}`;
};

BWC.share = (fraction) => fraction.den ? `${((100 * fraction.num) / fraction.den).toFixed(1)}\u00a0%` : "unknown";

BWC.showFiles = function (bundle, root) {
  root.append(BWC.heading("Every file met on the cards", "Each file found when the cameras were docked, whether it was taken or not, and why."));
  root.append(BWC.table([["Name as shown", 22], ["Size", 8], ["Outcome", 9], ["Reason", 22], ["Exhibit", 12], ["SHA-256", 27]], bundle.files.map((file) => ({
    cells: [file.name, BWC.size(file.size), file.outcome, file.reason || "\u2013", file.exhibit || "\u2013", BWC.el("code", null, file.sha256 || "\u2013")],
  }))));
  root.append(BWC.el("h3", null, "Recordings and their clocks"));
  const clips = [...bundle.cameras.flatMap((camera) => camera.clips), ...bundle.unplaced];
  root.append(BWC.table([["Exhibit", 12], ["Camera", 13], ["On the incident clock", 20], ["Placed by", 22], ["What the file claims", 22], ["State", 11]], clips.map((clip) => ({ cells: BWC.clipCells(clip) }))));
};

BWC.clipCells = function (clip) {
  const placed = clip.clock ? `${BWC.clock(clip.start)} \u2013 ${BWC.clock(clip.end)} ${BWC.margin(clip.clock.uncertainty)}` : "not placed";
  const claims = clip.claims.map((claim) => `${claim.source}: ${BWC.utc(claim.start)} ${BWC.margin(claim.uncertainty)}`).join("; ");
  const damage = clip.damage.length ? `: ${clip.damage.join(" ")}` : "";
  return [BWC.el("a", { href: BWC.url(clip.path || ""), title: clip.path || "" }, clip.exhibit), clip.camera, placed, clip.clock ? `${clip.source}: ${clip.reason}` : "\u2013", claims || "none", clip.playability + damage];
};

BWC.showCustody = function (bundle, root) {
  const log = bundle.log;
  root.append(BWC.heading("Custody history", `Log ${log.origin}: ${BWC.count(log.entries, "entry", "entries")}, ${log.disclosed} shown here. The bytes that count are in data/custody; this is a reading aid.`));
  root.append(BWC.table([["No.", 6], ["When (workstation clock)", 20], ["What", 23], ["By", 16], ["About", 15], ["Said", 20]], bundle.history.map((row) => ({ class: row.kind, cells: BWC.historyCells(row) }))));
};

BWC.historyCells = function (row) {
  const last = row.first + row.count - 1;
  const numbers = row.count > 1 ? `${row.first}\u2013${last}` : `${row.first}`;
  if (row.kind === "withheld") return [numbers, "", `${BWC.count(row.count, "entry", "entries")} withheld: ${row.reason || "no reason given"}`, "", "", ""];
  if (row.kind === "unreadable") return [numbers, "", `This entry is not in the log's form (${row.reason}).`, "", "", ""];
  const outcome = row.outcome === "ok" ? "" : ` (${BWC.plain(row.outcome)})`;
  const texts = [row.reason, ...row.texts.map(([name, text]) => `${BWC.plain(name)}: ${text}`)].filter(Boolean).join("; ");
  const attested = row.signed ? `signed with key ${row.signed.slice(0, 16)}` : "attested by the workstation only";
  return [`${row.seq}`, `${BWC.utc(row.at)}, clock ${BWC.plain(row.clock)}`, row.words + outcome, `${row.by} (${BWC.plain(row.role)}), ${attested}`, row.subject, texts];
};
