/* How this page writes times and builds elements. Text from the bundle reaches the page through textContent only. */
"use strict";
const BWC = {};

BWC.el = function (tag, attributes, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes || {})) {
    if (name === "class") made.className = value;
    else if (name === "onclick") made.addEventListener("click", value);
    else made.setAttribute(name, value);
  }
  for (const child of children) if (child !== null && child !== undefined) made.append(child);
  return made;
};

/* Microseconds as people read a tape: 0:58.400 (milliseconds, cut, not rounded). */
BWC.clock = function (us) {
  const millis = Math.floor(Math.abs(us) / 1000);
  const pad = (number, width) => String(number).padStart(width, "0");
  const hours = Math.floor(millis / 3600000), minutes = Math.floor(millis / 60000) % 60;
  const head = hours ? `${hours}:${pad(minutes, 2)}` : `${minutes}`;
  return `${us < 0 ? "-" : ""}${head}:${pad(Math.floor(millis / 1000) % 60, 2)}.${pad(millis % 1000, 3)}`;
};

BWC.seconds = (us) => `${(us / 1e6).toFixed(us < 1e6 ? 3 : 1)}\u00a0s`;
BWC.margin = (us) => `\u00b1${(us / 1e6).toFixed(us < 100000 ? 3 : 2)}\u00a0s`;

/* Microseconds since 1970 as UTC text. */
BWC.utc = function (us) {
  const at = new Date(Math.floor(us / 1000));
  return Number.isNaN(at.getTime()) ? "unknown time" : at.toISOString().replace("T", " ").replace("Z", " UTC");
};

BWC.size = function (bytes) {
  if (bytes < 1000) return `${bytes} bytes`;
  const units = ["kB", "MB", "GB", "TB"];
  let value = bytes / 1000, at = 0;
  while (value >= 1000 && at < units.length - 1) { value /= 1000; at += 1; }
  return `${value.toFixed(1)} ${units[at]}`;
};

BWC.count = (number, one, many) => `${number} ${number === 1 ? one : many}`;
BWC.url = (path) => path.split("/").map(encodeURIComponent).join("/");
BWC.plain = (code) => String(code).replaceAll("_", " ");

BWC.who = (tag) => tag.actor && tag.target && tag.actor !== tag.target ? `${tag.actor} \u2192 ${tag.target}` : tag.actor || tag.target || "";

BWC.stretch = function (item) {
  if (item.end === null) return `${BWC.clock(item.start)} \u2013 still open at the end of the recording`;
  return item.end === item.start ? BWC.clock(item.start) : `${BWC.clock(item.start)} \u2013 ${BWC.clock(item.end)}`;
};

BWC.cameraName = (camera) => camera.wearer ? `${camera.wearer} \u00b7 ${camera.id}` : camera.id;
