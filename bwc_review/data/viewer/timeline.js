/* The incident as lanes on a canvas. The lists beside it say the same in text. */
"use strict";

BWC.FAMILIES = [
  { id: "warnings", name: "Warnings", colour: "#e0b050", codes: ["WRN."] },
  { id: "orders", name: "Orders", colour: "#6fa8dc", codes: ["CMD."] },
  { id: "force", name: "Force", colour: "#d98468", codes: ["FRC.", "PRO."] },
  { id: "restraint", name: "Restraint", colour: "#b694dc", codes: ["RST."] },
  { id: "intervene", name: "Intervene", colour: "#5fbcae", codes: ["DTI."] },
  { id: "medical", name: "Medical", colour: "#96bf73", codes: ["MED."] },
  { id: "other", name: "Other", colour: "#97a3b3", codes: [""] },
];
BWC.familyOf = (code) => BWC.FAMILIES.find((family) => family.codes.some((prefix) => code.startsWith(prefix)));

BWC.Timeline = class {
  constructor(bundle, player, canvas, hover) {
    this.player = player;
    this.canvas = canvas;
    this.hover = hover;
    this.hint = hover.textContent;
    this.gutter = 150;
    this.from = player.start;
    this.to = player.end;
    this.sounds = new Map(Object.entries(bundle.sounds).map(([id, sound]) => [id, { ...sound, bytes: Uint8Array.from(atob(sound.levels), (c) => c.charCodeAt(0)) }]));
    this.lanes = this.makeLanes(bundle);
    this.height = 20 + this.lanes.reduce((sum, lane) => sum + lane.height, 0);
    const names = this.lanes.map((lane) => `${lane.name}: ${lane.items.length}`).join(", ");
    canvas.setAttribute("aria-label", `Timeline. ${names}. The transcript and the list of tags say the same in text.`);
    canvas.addEventListener("pointerdown", (event) => this.press(event));
    canvas.addEventListener("pointermove", (event) => this.point(event));
    canvas.addEventListener("pointerleave", () => { this.hover.textContent = this.hint; });
    canvas.addEventListener("wheel", (event) => this.wheel(event), { passive: false });
    new ResizeObserver(() => this.draw()).observe(canvas.parentElement);
  }

  makeLanes(bundle) {
    const lanes = bundle.cameras.map((camera) => ({ name: BWC.cameraName(camera), camera, items: camera.clips, height: 20 }));
    if (this.sounds.size) lanes.push({ name: "Sound, chosen camera", sound: true, items: [], height: 34 });
    const speech = bundle.cameras.flatMap((camera) => camera.speech.map(([start, end]) => ({ start, end, camera: camera.id })));
    speech.push(...bundle.rows.filter((row) => row.kind === "untranscribed"));
    if (speech.length) lanes.push({ name: "Speech found", speech: true, items: speech, height: 14 });
    for (const family of BWC.FAMILIES) {
      const items = this.itemsOf(bundle, family);
      if (items.length || family.id !== "other") lanes.push(this.packed({ name: family.name, family, items }));
    }
    return lanes;
  }

  itemsOf(bundle, family) {
    const tags = bundle.tags.filter((tag) => tag.state === "confirmed");
    const open = bundle.candidates.filter((one) => one.state === "open" && one.incident_span).map((one) => ({
      ...one, start: one.incident_span[0], end: one.incident_span[1], shown_end: one.incident_span[1], suggestion: true,
    }));
    return [...tags, ...open].filter((item) => BWC.familyOf(item.code) === family).sort((a, b) => a.start - b.start);
  }

  /* Overlapping items of a lane share its height in up to three rows. */
  packed(lane) {
    const ends = [];
    for (const item of lane.items) {
      const room = ends.findIndex((end) => end <= item.start);
      item.row = room >= 0 ? room : Math.min(ends.length, 2);
      ends[item.row] = Math.max(ends[item.row] || -Infinity, item.shown_end, item.start + 400000);
    }
    lane.rows = Math.max(1, ends.length);
    lane.height = lane.rows === 1 ? 19 : 6 + lane.rows * 10;
    return lane;
  }

  x(t) { return this.gutter + ((t - this.from) / (this.to - this.from)) * (this.width - this.gutter - 10); }
  timeAt(x) { return this.from + ((x - this.gutter) / (this.width - this.gutter - 10)) * (this.to - this.from); }

  zoom(factor, around) {
    const whole = this.player.end - this.player.start;
    const length = Math.max(1000000, Math.min(whole, (this.to - this.from) * factor));
    const share = (around - this.from) / (this.to - this.from);
    this.moveTo(around - share * length, length);
  }

  moveTo(from, length) {
    this.from = Math.max(this.player.start, Math.min(from, this.player.end - length));
    this.to = this.from + length;
    this.draw();
  }

  fit() { this.moveTo(this.player.start, this.player.end - this.player.start); }

  wheel(event) {
    event.preventDefault();
    const length = this.to - this.from;
    if (event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY)) this.moveTo(this.from + (length * (event.deltaX || event.deltaY)) / 800, length);
    else this.zoom(event.deltaY > 0 ? 1.25 : 0.8, this.timeAt(event.offsetX));
  }

  press(event) {
    const item = this.itemAt(event.offsetX, event.offsetY);
    this.player.seek(item && !item.clock ? item.start : this.timeAt(event.offsetX));
    this.canvas.setPointerCapture(event.pointerId);
  }

  point(event) {
    if (event.buttons === 1) { this.player.seek(this.timeAt(event.offsetX)); return; }
    const item = this.itemAt(event.offsetX, event.offsetY);
    this.hover.textContent = item ? this.say(item) : event.offsetX > this.gutter ? BWC.clock(this.timeAt(event.offsetX)) : this.hint;
  }

  say(item) {
    if (item.clock) return `${item.camera}, exhibit ${item.exhibit}: ${BWC.stretch(item)}, placed ${BWC.margin(item.clock.uncertainty)}. Upper band: picture, lower band: usable audio`;
    if (item.kind) return `Speech on ${item.camera} without words, not transcribed: ${BWC.stretch(item)}`;
    if (!item.code) return `Speech found on ${item.camera}: ${BWC.stretch(item)}`;
    if (item.suggestion) return `${BWC.stretch(item)}: suggestion, nobody has decided: ${item.label || item.code}, \u201c${item.words}\u201d`;
    return `${BWC.stretch(item)} ${BWC.margin(item.uncertainty)}: ${[item.label || item.code, BWC.who(item)].filter(Boolean).join(", ")}, confirmed by ${item.by}`;
  }

  itemAt(x, y) {
    if (x < this.gutter) return null;
    let top = 20;
    for (const lane of this.lanes) {
      if (y >= top && y < top + lane.height) {
        const row = lane.rows > 1 ? Math.min(lane.rows - 1, Math.floor((y - top - 3) / 10)) : 0;
        return [...lane.items].reverse().find((item) => (item.row || 0) === row && x >= this.x(item.start) - 2 && x <= Math.max(this.x(item.shown_end ?? item.end), this.x(item.start) + 5) + 2) || null;
      }
      top += lane.height;
    }
    return null;
  }

  draw() {
    const scale = window.devicePixelRatio || 1;
    this.width = this.canvas.parentElement.clientWidth;
    if (!this.width) return;
    this.canvas.width = this.width * scale;
    this.canvas.height = this.height * scale;
    this.canvas.style.height = `${this.height}px`;
    const pen = this.pen = this.canvas.getContext("2d");
    pen.setTransform(scale, 0, 0, scale, 0, 0);
    pen.font = "11px system-ui, sans-serif";
    pen.textBaseline = "middle";
    this.ruler();
    let top = 20;
    for (const lane of this.lanes) { this.lane(lane, top); top += lane.height; }
    this.playhead();
  }

  ruler() {
    const wanted = (this.to - this.from) / 10;
    const step = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1800, 3600, 7200].map((s) => s * 1e6).find((s) => s >= wanted) || 14400e6;
    for (let t = Math.ceil(this.from / step) * step; t <= this.to; t += step) {
      const x = Math.round(this.x(t)) + 0.5;
      this.pen.fillStyle = "#232a33"; this.pen.fillRect(x, 18, 1, this.height);
      this.pen.fillStyle = "#8e99a7"; if (x < this.width - 50) this.pen.fillText(BWC.clock(t).replace(/\.000$/, ""), x + 3, 9);
    }
  }

  lane(lane, top) {
    const pen = this.pen;
    pen.fillStyle = "#262e38"; pen.fillRect(0, top, this.width, 1);
    pen.save();
    pen.beginPath(); pen.rect(this.gutter - 3, top, this.width, lane.height); pen.clip();
    if (lane.sound) for (const clip of this.player.cameras[this.player.focus]?.clips || []) this.soundOf(clip, top);
    for (const item of lane.items) {
      if (lane.camera) this.clipBar(lane.camera, item, top);
      else if (lane.speech) this.speechBar(item, top);
      else this.tagBar(lane, item, top);
    }
    pen.restore();
    pen.fillStyle = lane.family ? lane.family.colour : "#5d6977"; pen.fillRect(8, top + lane.height / 2 - 4, 3, 8);
    const name = lane.name.length > 23 ? `${lane.name.slice(0, 22)}\u2026` : lane.name;
    pen.fillStyle = "#c4ccd6"; pen.fillText(name, 17, top + lane.height / 2 + 1, this.gutter - 24);
  }

  clipBar(camera, clip, top) {
    const pen = this.pen, x = this.x(clip.start), width = Math.max(2, this.x(clip.end) - x);
    pen.strokeStyle = "#56616e"; pen.strokeRect(x + 0.5, top + 3.5, width - 1, 13);
    const within = ([start, end]) => [Math.max(start, clip.start), Math.min(end, clip.end)];
    for (const [spans, y, colour] of [[camera.video, 4, "#3f5a73"], [camera.audio, 11, "#6d8f88"]]) {
      pen.fillStyle = colour;
      for (const [start, end] of spans.map(within)) if (end > start) pen.fillRect(this.x(start), top + y, this.x(end) - this.x(start), 5);
    }
  }

  soundOf(clip, top) {
    const sound = this.sounds.get(clip.recording), column = sound && sound.num / sound.den;
    if (!sound) {
      this.pen.fillStyle = "#76828f";
      this.pen.fillText("no waveform of this recording", Math.max(this.gutter, this.x(clip.start)) + 6, top + 18);
      return;
    }
    this.pen.fillStyle = "#5f7d95";
    const last = Math.min(this.x(clip.end), this.width);
    for (let x = Math.max(this.gutter, Math.floor(this.x(clip.start))); x < last; x += 1) {
      const from = Math.max(0, Math.floor(this.player.toMedia(clip, this.timeAt(x)) / column));
      const to = Math.max(from + 1, Math.floor(this.player.toMedia(clip, this.timeAt(x + 1)) / column));
      let level = 0;
      for (let at = from; at < to && at < sound.bytes.length; at += 1) level = Math.max(level, sound.bytes[at]);
      const tall = Math.max(1, (level / 255) * 28);
      this.pen.fillRect(x, top + 17 - tall / 2, 1, tall);
    }
  }

  speechBar(item, top) {
    const pen = this.pen, x = this.x(item.start), width = Math.max(1, this.x(item.end) - x);
    if (item.kind) { pen.strokeStyle = "#d3c193"; pen.strokeRect(x + 0.5, top + 2.5, width, 9); return; }
    pen.globalAlpha = 0.6; pen.fillStyle = "#7d8fa3"; pen.fillRect(x, top + 4, width, 6); pen.globalAlpha = 1;
  }

  tagBar(lane, item, top) {
    const pen = this.pen, tall = lane.rows === 1 ? 11 : 8, y = top + 4 + item.row * 10, x = this.x(item.start);
    const width = Math.max(4, this.x(item.shown_end) - x), colour = lane.family.colour;
    if (item.suggestion) {
      pen.save(); pen.beginPath(); pen.rect(x, y, width, tall); pen.clip();
      pen.strokeStyle = colour; pen.globalAlpha = 0.75; pen.beginPath();
      for (let at = x - tall; at < x + width; at += 4) { pen.moveTo(at, y + tall); pen.lineTo(at + tall, y); }
      pen.stroke(); pen.setLineDash([2, 2]); pen.strokeRect(x + 0.5, y + 0.5, width - 1, tall - 1); pen.restore();
      return;
    }
    if (item.end === null) {
      const fade = pen.createLinearGradient(x, 0, x + width, 0);
      fade.addColorStop(0, colour); fade.addColorStop(0.7, colour); fade.addColorStop(1, "transparent");
      pen.fillStyle = fade;
    } else pen.fillStyle = colour;
    pen.fillRect(x, y, width, tall);
  }

  playhead() {
    const x = Math.round(this.x(this.player.t)) + 0.5;
    if (x < this.gutter - 1 || x > this.width) return;
    this.pen.fillStyle = "#f2f5f8"; this.pen.fillRect(x - 0.5, 2, 1.5, this.height);
    this.pen.beginPath(); this.pen.moveTo(x - 5, 1); this.pen.lineTo(x + 5, 1); this.pen.lineTo(x, 8); this.pen.fill();
  }

  /* Called while playing: keeps the playhead in view without moving the view before it must. */
  keepInView() {
    const length = this.to - this.from;
    if (this.player.t > this.to || this.player.t < this.from) this.moveTo(this.player.t - length / 8, length);
    else this.draw();
  }
};
