/* Playing several cameras on one incident clock. The chosen camera's video leads; others follow it, muted. */
"use strict";

BWC.Player = class {
  constructor(bundle, video) {
    this.cameras = bundle.cameras;
    this.video = video;
    const clips = this.cameras.flatMap((camera) => camera.clips);
    this.start = Math.min(0, ...clips.map((clip) => clip.start));
    this.end = Math.max(bundle.end, ...clips.map((clip) => clip.end), this.start + 1000);
    this.t = Math.min(...clips.map((clip) => clip.start), this.end);
    this.focus = this.cameras.findIndex((camera) => camera.clips.length > 0);
    this.playing = false;
    this.rate = 1;
    this.stopAt = null;
    this.prefer = "original";
    this.failed = new Set();
    this.clip = null;
    this.followers = [];
    this.heard = [];
    video.addEventListener("loadedmetadata", () => this.placed());
    video.addEventListener("error", () => this.cannotPlay());
    requestAnimationFrame(() => this.tick());
  }

  onChange(callback) { this.heard.push(callback); }
  changed() { for (const callback of this.heard) callback(this); }

  clipAt(camera, t) {
    return this.cameras[camera]?.clips.find((clip) => clip.path && t >= clip.start && t < clip.end) || null;
  }

  toMedia(clip, t) { return ((t - clip.clock.offset) * clip.clock.rate_den) / clip.clock.rate_num; }
  toIncident(clip, media) { return Math.round(clip.clock.offset + (media * clip.clock.rate_num) / clip.clock.rate_den); }

  sourceOf(clip, prefer) {
    const wanted = prefer === "proxy" && clip.proxy ? clip.proxy : clip.path;
    if (!this.failed.has(wanted)) return wanted;
    return clip.proxy && !this.failed.has(clip.proxy) ? clip.proxy : null;
  }

  choose(camera) { this.focus = camera; this.show(); }
  setPrefer(prefer) { this.prefer = prefer; this.show(); }
  setRate(rate) { this.rate = rate; this.video.playbackRate = rate; for (const one of this.followers) one.video.playbackRate = rate; }

  seek(t) {
    this.t = Math.max(this.start, Math.min(this.end, t));
    this.show();
  }

  /* Plays one stretch with its surroundings and stops after it, on the camera of `recording` or one that was running. */
  playStretch(start, end, recording) {
    const of = this.cameras.findIndex((camera) => camera.clips.some((clip) => clip.recording === recording));
    if (of >= 0) this.focus = of;
    else if (!this.clipAt(this.focus, start)) {
      const running = this.cameras.findIndex((_, at) => this.clipAt(at, start));
      if (running >= 0) this.focus = running;
    }
    this.seek(start - 1000000);
    this.stopAt = Math.max(end, start) + 1000000;
    this.play();
  }

  play() {
    if (this.t >= this.end) this.seek(this.start);
    this.playing = true;
    this.last = performance.now();
    this.show();
  }

  pause() { this.playing = false; this.stopAt = null; this.show(); }
  toggle() { if (this.playing) this.pause(); else { this.stopAt = null; this.play(); } }

  frame(step) {
    this.pause();
    const clip = this.clipAt(this.focus, this.t);
    const rate = clip?.video ? clip.video.rate_num / clip.video.rate_den : 25;
    if (!clip || !(rate > 0)) return this.seek(this.t + step * 40000);
    const number = Math.floor((this.toMedia(clip, this.t) / 1e6) * rate + 0.01) + step;
    return this.seek(this.toIncident(clip, ((number + 0.5) / rate) * 1e6));
  }

  /* Brings the picture in line with clock, camera and play state. */
  show() {
    this.clip = this.clipAt(this.focus, this.t);
    const source = this.clip && this.sourceOf(this.clip, this.prefer);
    if (!source) { this.video.pause(); this.video.removeAttribute("src"); this.loaded = null; this.video.load(); }
    else if (this.loaded !== source) { this.loaded = source; this.video.src = BWC.url(source); }
    else this.placed();
    for (const follower of this.followers) this.align(follower, true);
    this.changed();
  }

  placed() {
    if (!this.clip || !this.loaded) return;
    if (this.video.videoWidth === 0 && this.clip.video && this.video.readyState > 0) { this.cannotPlay(); return; }
    const wanted = this.toMedia(this.clip, this.t) / 1e6;
    if (Math.abs(this.video.currentTime - wanted) > 0.004) this.video.currentTime = wanted;
    this.video.playbackRate = this.rate;
    if (this.playing) this.video.play().catch(() => {}); else this.video.pause();
  }

  cannotPlay() {
    if (!this.loaded) return;
    this.failed.add(this.loaded);
    this.loaded = null;
    this.show();
  }

  follow(camera, video) {
    video.muted = true;
    const follower = { camera, video, loaded: null };
    video.addEventListener("loadedmetadata", () => this.align(follower, true));
    this.followers.push(follower);
  }

  align(follower, exact) {
    const clip = this.clipAt(follower.camera, this.t);
    const source = clip && this.sourceOf(clip, "proxy");
    follower.video.hidden = !source;
    if (!source) { follower.video.pause(); return; }
    if (follower.loaded !== source) { follower.loaded = source; follower.video.src = BWC.url(source); return; }
    const wanted = this.toMedia(clip, this.t) / 1e6;
    if (Math.abs(follower.video.currentTime - wanted) > (exact && !this.playing ? 0.02 : 0.25)) follower.video.currentTime = wanted;
    follower.video.playbackRate = this.rate;
    if (this.playing && follower.video.paused) follower.video.play().catch(() => {});
    if (!this.playing) follower.video.pause();
  }

  tick() {
    requestAnimationFrame(() => this.tick());
    if (!this.playing) return;
    const now = performance.now(), passed = (now - this.last) * 1000 * this.rate;
    this.last = now;
    if (this.clip && this.loaded) {
      if (!this.video.seeking && this.video.readyState >= 2) this.t = this.toIncident(this.clip, this.video.currentTime * 1e6);
      if (this.video.ended || this.t >= this.clip.end) { this.t = this.clip.end; this.show(); }
    } else {
      this.t += passed;
      if (this.clipAt(this.focus, this.t)) this.show();
    }
    this.t = Math.min(this.t, this.end);
    if (this.t >= this.end || (this.stopAt !== null && this.t >= this.stopAt)) this.pause();
    if (now - (this.aligned || 0) > 1000) { this.aligned = now; for (const one of this.followers) this.align(one, false); }
    this.changed();
  }
};
