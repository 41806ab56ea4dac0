/* Checking files in the browser: digests, entries against leaves, chain, tree. A convenience, never proof. */
"use strict";

BWC.ONE_SHOT = 512 * 1024 * 1024;
BWC.CHUNK = 16 * 1024 * 1024;
BWC.hex = (buffer) => Array.from(new Uint8Array(buffer), (byte) => byte.toString(16).padStart(2, "0")).join("");
BWC.bytes = (hex) => Uint8Array.from(hex.match(/../g) || [], (pair) => parseInt(pair, 16));
BWC.sha256 = async (...parts) => new Uint8Array(await crypto.subtle.digest("SHA-256", await new Blob(parts).arrayBuffer()));

/* Root over leaf hashes, RFC 9162 section 2.1.1, by joining full subtrees of equal size. */
BWC.root = async function (leaves) {
  const full = [];
  for (const leaf of leaves) {
    let node = { size: 1, hash: leaf };
    while (full.length && full[full.length - 1].size === node.size) {
      const left = full.pop();
      node = { size: left.size * 2, hash: await BWC.sha256(Uint8Array.of(1), left.hash, node.hash) };
    }
    full.push(node);
  }
  let root = full.length ? full.pop().hash : await BWC.sha256();
  while (full.length) root = await BWC.sha256(Uint8Array.of(1), full.pop().hash, root);
  return root;
};

BWC.chunkRoot = async function (file) {
  const leaves = [];
  for (let at = 0; at < file.size; at += BWC.CHUNK) leaves.push(await BWC.sha256(Uint8Array.of(0), file.slice(at, at + BWC.CHUNK)));
  return BWC.hex(await BWC.root(leaves));
};

BWC.Check = class {
  constructor(bundle, root) {
    this.bundle = bundle;
    this.input = BWC.el("input", { type: "file", id: "folder", webkitdirectory: "", multiple: "" });
    this.input.addEventListener("change", () => this.run([...this.input.files]));
    this.state = BWC.el("p", { class: "state", role: "status" }, "Nothing has been checked yet.");
    this.bar = BWC.el("progress", { max: "1", value: "0", "aria-label": "Progress of the check", hidden: "" });
    this.results = BWC.el("ol", { class: "results" });
    root.append(BWC.heading("Check files", "A check inside the bundle is a convenience, not proof: whoever could change the files could change this page. For proof follow VERIFY.txt with tools obtained elsewhere."),
      BWC.el("label", { class: "pick", for: "folder" }, "Choose the folder of this bundle (the one that holds index.html)"), this.input,
      BWC.el("p", { class: "note" }, "The browser may call this an upload. Nothing leaves this computer: the page is forbidden to use the network."),
      this.bar, this.state, this.results, BWC.notChecked());
  }

  say(outcome, title, details) {
    const item = BWC.el("li", { class: outcome }, BWC.el("strong", null, { holds: "Holds. ", differs: "DOES NOT HOLD. ", open: "Not checked. " }[outcome]), title);
    if (details.length) item.append(BWC.el("ul", null, ...details.slice(0, 200).map((line) => BWC.el("li", null, line))));
    if (details.length > 200) item.append(BWC.el("p", null, `and ${details.length - 200} more`));
    this.results.append(item);
    this.failed ||= outcome === "differs";
    this.open ||= outcome === "open";
  }

  async run(chosen) {
    this.results.replaceChildren();
    this.failed = this.open = false;
    this.files = new Map(chosen.map((file) => [file.webkitRelativePath.split("/").slice(1).join("/"), file]));
    this.bar.hidden = false;
    try {
      await this.manifest("tagmanifest-sha256.txt", (path) => !path.includes("/") && !path.startsWith("tagmanifest-"));
      await this.manifest("manifest-sha256.txt", (path) => path.startsWith("data/"));
      await this.entries();
      await this.checkpoints();
    } catch (error) {
      this.say("open", "The check could not be finished; that says nothing for or against the bundle.", [String(error?.message || error)]);
    }
    this.bar.hidden = true;
    const rest = this.open ? "Something could not be checked here, nor were" : "Not checked were";
    this.state.textContent = this.failed ? "Something does not hold. Read the list below, then run VERIFY.txt."
      : `What was checked here holds. ${rest} signatures and seal; run VERIFY.txt.`;
  }

  async text(path) {
    const file = this.files.get(path);
    if (!file) throw new Error(`${path} is not in the folder chosen. Choose the folder that holds index.html.`);
    return file.text();
  }

  async manifest(name, expected) {
    const listed = new Map();
    for (const line of (await this.text(name)).split("\n").filter(Boolean)) {
      const path = line.slice(66).replace(/%(0A|0D|25)/g, (code) => decodeURIComponent(code));
      listed.set(path, line.slice(0, 64));
    }
    const wrong = [], skipped = [], paths = [...listed.keys()];
    for (const [at, path] of paths.entries()) {
      this.bar.value = (at + 1) / paths.length;
      this.state.textContent = `Checking ${path} (${at + 1} of ${paths.length})`;
      const answer = await this.digest(path, listed.get(path));
      if (answer === "large") skipped.push(`${path} is too large for this page; use sha256sum`);
      else if (answer) wrong.push(`${path}: ${answer}`);
    }
    for (const path of this.files.keys()) if (expected(path) && !listed.has(path)) wrong.push(`${path}: not listed in ${name}`);
    this.say(wrong.length ? "differs" : "holds", `${BWC.count(paths.length - skipped.length, "file", "files")} against ${name}`, wrong);
    if (skipped.length) this.say("open", `Large files of ${name}`, skipped);
  }

  async digest(path, wanted) {
    const file = this.files.get(path);
    if (!file) return "missing";
    if (file.size > BWC.ONE_SHOT) {
      const tree = this.bundle.chunks[path];
      if (!tree) return "large";
      return (await BWC.chunkRoot(file)) === tree ? "" : "its chunk tree differs from the one recorded";
    }
    return BWC.hex(await BWC.sha256(file)) === wanted ? "" : "its SHA-256 differs";
  }

  async entries() {
    this.leaves = (await this.text("data/custody/leaves.txt")).split("\n").filter(Boolean);
    const wrong = [];
    let shown = 0;
    for (const [path, file] of this.files) {
      const found = /^data\/custody\/entries\/([0-9]{8,})\.json$/.exec(path);
      if (!found) continue;
      shown += 1;
      const seq = Number(found[1]);
      if (BWC.hex(await BWC.sha256(Uint8Array.of(0), file)) !== this.leaves[seq]) wrong.push(`entry ${seq}: its bytes do not hash to its leaf`);
      const entry = JSON.parse(await file.text());
      const before = seq ? this.leaves[seq - 1] : "0".repeat(64);
      if (entry.seq !== seq || entry.prev !== before) wrong.push(`entry ${seq}: does not follow the entry before it`);
    }
    this.say(wrong.length ? "differs" : "holds", `${BWC.count(shown, "disclosed entry", "disclosed entries")} of ${this.leaves.length}: bytes, order and chain`, wrong);
  }

  async checkpoints() {
    const wrong = [];
    let count = 0;
    for (const path of [...this.files.keys()].filter((one) => one.startsWith("data/custody/checkpoints/")).sort()) {
      count += 1;
      const [, size, root] = (await this.text(path)).split("\n");
      const found = await BWC.root(this.leaves.slice(0, Number(size)).map(BWC.bytes));
      if (Number(size) > this.leaves.length || btoa(String.fromCharCode(...found)) !== root) wrong.push(`${path}: not the root over the first ${size} entries`);
    }
    if (count) this.say(wrong.length ? "differs" : "holds", `${BWC.count(count, "checkpoint", "checkpoints")}: each is the root over the entries it covers`, wrong);
    else this.say("open", "No checkpoint was kept, so nothing shows that the log was not rewritten.", []);
  }
};

BWC.notChecked = () => BWC.el("div", { class: "unchecked" }, BWC.el("h3", null, "What this page does NOT check"), BWC.el("ul", null,
  BWC.el("li", null, "Signatures: that the checkpoints were signed with the workstation's key (VERIFY.txt, step 5)."),
  BWC.el("li", null, "The seal: that the log holds an entry for exactly this bag (VERIFY.txt, steps 4 and 6)."),
  BWC.el("li", null, "That the key is the right one: it must come from elsewhere (VERIFY.txt, step 0)."),
  BWC.el("li", null, "SHA-512, and that each original is the file whose taking-in was logged (VERIFY.txt, steps 1 and 8)."),
  BWC.el("li", null, "That the log was not rewritten as a whole: only a checkpoint kept by somebody else shows that.")));
