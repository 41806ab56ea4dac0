/* Wires the page together: first screen, pages, keys. Rules and facts come from the bundle, none are made here. */
"use strict";

BWC.PAGES = [
  ["start", "Start here"], ["review", "Watch and read"], ["measures", "Measures"], ["suggestions", "Suggestions"],
  ["files", "Files met"], ["custody", "Custody"], ["check", "Check files"],
];
BWC.id = (name) => document.getElementById(name);

BWC.openPage = function (name) {
  for (const [id] of BWC.PAGES) {
    BWC.id(`page-${id}`).hidden = id !== name;
    BWC.id(`tab-${id}`).setAttribute("aria-selected", String(id === name));
  }
};

BWC.makeTabs = function () {
  BWC.id("tabs").append(...BWC.PAGES.map(([id, title]) => BWC.el("button", {
    id: `tab-${id}`, type: "button", role: "tab", "aria-controls": `page-${id}`, onclick: () => BWC.openPage(id),
  }, title)));
};

BWC.showStart = function (bundle, root) {
  const clips = bundle.cameras.reduce((sum, camera) => sum + camera.clips.length, bundle.unplaced.length);
  const stated = (state) => bundle.candidates.filter((one) => one.state === state).length;
  const facts = [
    ["Incident", `${bundle.incident.id}: ${bundle.incident.title}`],
    ["Incident clock starts", BWC.utc(bundle.incident.zero)],
    ["Cameras", bundle.cameras.map(BWC.cameraName).join(", ") || "none"],
    ["Recordings", `${clips}, together ${BWC.clock(bundle.end)} long on the incident clock`],
    ["Tags in force", `${bundle.tags.filter((tag) => tag.state === "confirmed").length}, each confirmed by a person`],
    ["Machine suggestions", `${stated("open")} open, ${stated("confirmed")} confirmed, ${stated("rejected")} rejected`],
    ["Custody log", `${bundle.log.origin}, ${BWC.count(bundle.log.entries, "entry", "entries")}, ${bundle.log.disclosed} disclosed`],
    ["Witnessed", `${bundle.log.witnessed} Only a witness\u2019s own memory, or its key obtained elsewhere, makes this proof (VERIFY.txt, step 10).`],
    ["Exported", `${BWC.utc(bundle.exported.at)} by ${bundle.exported.by}, with ${bundle.exported.app}`],
  ];
  root.append(
    BWC.el("div", { class: "warning" }, BWC.el("h2", null, "Before you rely on this page"),
      BWC.el("p", null, "This page came with the bundle. A verifier inside a bundle is a convenience, not proof: whoever could change the footage could change the page as well."),
      BWC.el("p", null, "To check the bundle, open VERIFY.txt beside this page. It uses programs that other people wrote, works offline, and asks for a key that must reach you by another way than this bundle."),
      BWC.el("p", { class: "actions" }, BWC.el("a", { class: "button", href: "VERIFY.txt" }, "Open VERIFY.txt"),
        BWC.el("button", { type: "button", onclick: () => BWC.openPage("check") }, "Check files in this browser"),
        BWC.el("button", { type: "button", class: "primary", onclick: () => BWC.openPage("review") }, "Watch and read"))),
    BWC.el("dl", { class: "summary" }, ...facts.flatMap(([name, value]) => [BWC.el("dt", null, name), BWC.el("dd", null, value)])),
    BWC.el("p", { class: "note" }, "What people observed (tags), what the machine proposes (suggestions) and what is computed (measures) are kept apart. People appear under pseudonyms. \u201cNot found\u201d is said only where the cameras could hear or see; elsewhere it says \u201cnot observable\u201d."));
};

BWC.showCameras = function (bundle, player, root) {
  bundle.cameras.forEach((camera, at) => {
    const video = BWC.el("video", { preload: "metadata", playsinline: "", tabindex: "-1", "aria-hidden": "true" });
    const card = BWC.el("button", { class: "camera", type: "button", onclick: () => player.choose(at) },
      BWC.el("span", { class: "thumb" }, video, BWC.el("span", { class: "gone" }, "no recording at this time")), BWC.el("span", { class: "name" }, BWC.cameraName(camera)));
    root.append(card);
    player.follow(at, video);
    player.onChange(() => card.setAttribute("aria-pressed", String(player.focus === at)));
  });
};

BWC.pictureWords = function (player) {
  if (!player.clip) return "No recording of this camera at this time.";
  if (player.loaded) return "";
  return `This browser cannot play exhibit ${player.clip.exhibit}. The file is evidence all the same: ${player.clip.path}`;
};

BWC.showNow = function (bundle, player) {
  const clip = player.clip, camera = player.cameras[player.focus];
  BWC.id("play").textContent = player.playing ? "Pause" : "Play";
  BWC.id("now").textContent = BWC.clock(player.t);
  const words = BWC.pictureWords(player);
  BWC.id("nopicture").hidden = !words;
  BWC.id("nopicture").textContent = words;
  BWC.id("main").hidden = Boolean(words);
  const media = clip ? player.toMedia(clip, player.t) : 0;
  const frame = clip?.video ? Math.floor((media / 1e6) * (clip.video.rate_num / clip.video.rate_den) + 0.01) : null;
  const kind = !player.loaded ? "cannot be played here" : player.loaded === clip?.proxy ? "480p copy, a derivative" : "original";
  const shown = clip ? [`exhibit ${clip.exhibit} at ${BWC.clock(media)}`, frame === null ? "" : `about frame ${frame}`, kind] : [];
  BWC.id("wall").textContent = [BWC.utc(bundle.incident.zero + player.t), ...shown].filter(Boolean).join("  \u00b7  ");
  BWC.id("placed").textContent = clip ? `${BWC.cameraName(camera)} placed from ${clip.source} ${BWC.margin(clip.clock.uncertainty)}: ${clip.reason}` : "";
  BWC.id("source").querySelector("[value=proxy]").disabled = !clip?.proxy;
};

BWC.bindKeys = function (player) {
  document.addEventListener("keydown", (event) => {
    if (BWC.id("page-review").hidden || event.ctrlKey || event.altKey || event.metaKey) return;
    if (/^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName)) return;
    const jump = event.shiftKey ? 5000000 : 1000000;
    const acts = {
      " ": () => player.toggle(), ArrowLeft: () => player.seek(player.t - jump), ArrowRight: () => player.seek(player.t + jump),
      ",": () => player.frame(-1), ".": () => player.frame(1),
    };
    if (!acts[event.key] || (event.key === " " && event.target.tagName === "BUTTON")) return;
    event.preventDefault();
    acts[event.key]();
  });
  // a clicked button must not take the space bar away from playing
  BWC.id("page-review").addEventListener("click", (event) => { if (event.detail > 0) event.target.closest("button")?.blur(); });
};

BWC.bindReview = function (bundle, player) {
  const timeline = new BWC.Timeline(bundle, player, BWC.id("timeline"), BWC.id("hover"));
  const transcript = new BWC.Transcript(bundle, player, BWC.id("transcript"), BWC.id("follow"));
  const play = (item) => { BWC.openPage("review"); player.playStretch(item.start, item.end ?? item.start, item.recording || item.evidence?.[0]?.recording); };
  const lightTags = BWC.showTags(bundle, BWC.id("tags"), play);
  BWC.showCameras(bundle, player, BWC.id("cameras"));
  const side = (name) => {
    for (const one of ["transcript", "tags"]) { BWC.id(one).hidden = one !== name; BWC.id(`side-${one}`).setAttribute("aria-selected", String(one === name)); }
    BWC.id("one-camera").parentElement.hidden = name !== "transcript";
  };
  for (const one of ["transcript", "tags"]) BWC.id(`side-${one}`).addEventListener("click", () => side(one));
  side("transcript");
  let shown = -1;
  const filter = () => transcript.only(BWC.id("one-camera").checked ? player.cameras[player.focus]?.id ?? null : null);
  BWC.id("one-camera").addEventListener("change", filter);
  BWC.id("play").addEventListener("click", () => player.toggle());
  BWC.id("frame-back").addEventListener("click", () => player.frame(-1));
  BWC.id("frame-on").addEventListener("click", () => player.frame(1));
  BWC.id("rate").addEventListener("change", (event) => player.setRate(Number(event.target.value)));
  BWC.id("source").addEventListener("change", (event) => player.setPrefer(event.target.value));
  BWC.id("zoom-in").addEventListener("click", () => timeline.zoom(0.6, player.t));
  BWC.id("zoom-out").addEventListener("click", () => timeline.zoom(1 / 0.6, player.t));
  BWC.id("zoom-fit").addEventListener("click", () => timeline.fit());
  player.onChange(() => { BWC.showNow(bundle, player); timeline.keepInView(); transcript.update(false); lightTags(player.t, player.playing); });
  player.onChange(() => { if (shown !== player.focus) { shown = player.focus; filter(); } });
  BWC.bindKeys(player);
  return play;
};

BWC.begin = function (bundle) {
  document.title = `${bundle.name}: review bundle`;
  BWC.id("title").textContent = bundle.name;
  BWC.id("subtitle").textContent = bundle.incident.title;
  BWC.makeTabs();
  BWC.showStart(bundle, BWC.id("page-start"));
  const player = new BWC.Player(bundle, BWC.id("main"));
  const play = BWC.bindReview(bundle, player);
  BWC.showMeasures(bundle, BWC.id("page-measures"), play);
  BWC.showSuggestions(bundle, BWC.id("page-suggestions"), play);
  BWC.showFiles(bundle, BWC.id("page-files"));
  BWC.showCustody(bundle, BWC.id("page-custody"));
  new BWC.Check(bundle, BWC.id("page-check"));
  BWC.openPage("start");
  player.show();
};

if (window.BUNDLE) BWC.begin(window.BUNDLE);
else document.querySelector("main").textContent = "The file data/viewer/data.js is missing or damaged. VERIFY.txt says how to check the bundle.";
