/* The words of all cameras in time order, and between them what was not transcribed. Machine text; may be wrong. */
"use strict";

BWC.ROW_WORDS = {
  untranscribed: "speech, not transcribed",
  no_audio: "no usable audio",
  no_speech: "no speech recognised",
  no_transcript: "no transcript was made of this recording",
};
BWC.LOW_WORD = 650;

BWC.Transcript = class {
  constructor(bundle, player, root, followButton) {
    this.player = player;
    this.root = root;
    this.followButton = followButton;
    this.following = true;
    this.letters = new Map(bundle.cameras.map((camera, at) => [camera.id, camera.wearer || String.fromCharCode(65 + at)]));
    this.rows = bundle.rows.map((row) => this.build(row));
    this.root.append(BWC.el("p", { class: "note" }, "Machine transcript, unedited. Underlined words have low confidence. A missing line does not mean that nothing was said."));
    this.root.append(...this.rows.map((row) => row.node));
    for (const kind of ["wheel", "touchmove", "keydown"]) root.addEventListener(kind, () => this.setFollowing(false), { passive: true });
    followButton.addEventListener("click", () => { this.setFollowing(true); this.current = null; this.update(true); });
  }

  build(row) {
    const text = BWC.el("p", { class: "said" });
    const words = row.words.map(([start, end, word, confidence]) => {
      const low = confidence < BWC.LOW_WORD;
      const span = BWC.el("span", { class: low ? "word low" : "word", title: low ? `low confidence, ${Math.round(confidence / 10)} %` : "" }, word);
      span.addEventListener("click", (event) => { event.stopPropagation(); this.go(row, start); });
      text.append(span, " ");
      return { start, end, span };
    });
    if (row.kind !== "words") text.textContent = `${BWC.ROW_WORDS[row.kind] || row.kind}, ${BWC.seconds(row.end - row.start)}`;
    const node = BWC.el("div", { class: `row ${row.kind}` },
      BWC.el("button", { class: "at", type: "button", onclick: () => this.go(row, row.start), "aria-label": `Go to ${BWC.clock(row.start)}` }, BWC.clock(row.start)),
      BWC.el("span", { class: "chip", title: row.camera }, this.letters.get(row.camera) || row.camera), text);
    if (row.doubtful) text.append(BWC.el("em", { class: "doubt" }, " low confidence"));
    return { ...row, node, words };
  }

  go(row, t) {
    const camera = this.player.cameras.findIndex((one) => one.id === row.camera);
    if (camera >= 0) this.player.choose(camera);
    this.setFollowing(true);
    this.player.seek(t);
  }

  setFollowing(on) { this.following = on; this.followButton.hidden = on; }

  only(camera) {
    for (const row of this.rows) row.node.hidden = camera !== null && row.camera !== camera;
  }

  update(force) {
    const t = this.player.t, camera = this.player.cameras[this.player.focus]?.id;
    let current = null;
    for (const row of this.rows) {
      const here = t >= row.start && t < row.end;
      if (here !== row.here) { row.here = here; row.node.classList.toggle("here", here); }
      if (here || row.lit) { row.lit = here; for (const word of row.words) word.span.classList.toggle("spoken", here && t >= word.start && t < word.end); }
      if (!row.node.hidden && row.start <= t && (here ? !current?.here || row.camera === camera : !current?.here)) current = row;
    }
    if (current && (force || current !== this.current) && this.following) {
      const top = current.node.offsetTop - this.root.offsetTop - this.root.clientHeight / 3;
      this.root.scrollTo({ top, behavior: "instant" });
    }
    this.current = current;
  }
};
