// The conversation: what was said, what still has to be sent, and the line to the server.
// A message counts as sent when the server says that it is kept; until then it stays in this browser and is sent again under the same id.
class Talk extends EventTarget {
  constructor(options) {
    super();
    this.options = options;
    this.place = `madoguchi-chat:${new URL(BASE).host}:${options.brand}`;
    this.messages = new Map();
    this.state = null;
    this.online = true;
    this.pending = [];
    this.kept = this.restore();
    this.sending = false;
    this.pause = 1000;
    addEventListener("storage", (event) => { if (event.key === this.place) this.otherTab(); });
    addEventListener("online", () => this.flush());
  }

  // ---- What this browser keeps ----------------------------------------------------------------------------------------------

  restore() {
    let kept = {};
    try { kept = JSON.parse(localStorage.getItem(this.place)) || {}; } catch { kept = {}; }
    const subject = this.options.subject;
    if (!kept.token || (kept.subject && kept.subject !== subject)) kept = { token: random(32), begun: false, language: kept.language, outbox: [] };
    kept.subject = subject || kept.subject || "";
    this.pending = (kept.outbox || []).map((one) => ({ ...one, files: [] }));
    return kept;
  }

  keep() {
    this.kept.outbox = this.pending.filter((one) => !one.files.length && !one.refused).map(({ client, text }) => ({ client, text }));
    try { localStorage.setItem(this.place, JSON.stringify(this.kept)); } catch { /* private mode: the chat lives as long as the page */ }
  }

  otherTab() {
    const before = this.kept.token;
    const outbox = this.pending;
    this.kept = this.restore();
    if (this.kept.token === before) this.pending = outbox;
    else { this.messages.clear(); this.state = null; }
    if (this.kept.begun && !this.line) this.open();
    this.changed();
  }

  forget() {
    const language = this.kept.language;
    this.close();
    this.messages.clear();
    this.pending = [];
    this.state = null;
    this.kept = { token: random(32), begun: false, language, subject: this.options.subject || "" };
    this.keep();
    this.changed();
  }

  changed(name = "change") { this.dispatchEvent(new Event(name)); }

  // ---- Requests -------------------------------------------------------------------------------------------------------------

  url(path, query = {}) {
    const found = new URL(`chat/${path}`, BASE);
    found.search = new URLSearchParams({ brand: this.options.brand, lang: this.kept.language || "", ...query });
    return found;
  }

  ask(path, { query, method = "GET", body, signal, headers = {} } = {}) {
    if (body && !(body instanceof FormData)) { body = JSON.stringify(body); headers["Content-Type"] = "application/json"; }
    return fetch(this.url(path, query), { method, body, signal, credentials: "omit", cache: "no-store", headers: { Authorization: `Bearer ${this.kept.token}`, ...headers } });
  }

  /** POST to the running conversation; resolves to the answer, or throws an Error with the server's words. */
  async act(path, body = {}) {
    const response = await this.ask(path, { method: "POST", body });
    if (!response.ok) throw new Error((await response.json().catch(() => ({}))).message || "");
    const answer = response.status === 204 ? {} : await response.json();
    if (answer.state) { this.state = answer.state; this.changed(); }
    return answer;
  }

  // ---- Sending --------------------------------------------------------------------------------------------------------------

  say(text, files = []) {
    this.pending.push({ client: random(12), text, files });
    this.keep();
    this.changed();
    this.flush();
  }

  retry(one) { one.refused = ""; this.flush(); }
  drop(one) { this.pending = this.pending.filter((other) => other !== one); this.keep(); this.changed(); }

  async flush() {
    if (this.sending) return;
    this.sending = true;
    for (let one; (one = this.pending.find((each) => !each.refused));) {
      const again = await this.send(one);
      if (again) await new Promise((done) => { this.wake = this.online ? null : done; setTimeout(done, again); });
    }
    this.sending = false;
  }

  /** Milliseconds to wait before trying again; 0 when it is done. */
  async send(one) {
    const fields = { client_id: one.client, text: one.text, language: this.kept.language || "", page: location.href.slice(0, 500), consent: this.kept.consent ? "true" : "", ...this.options.proof };
    let body = fields;
    if (one.files.length) {
      body = new FormData();
      for (const [name, value] of Object.entries(fields)) body.append(name, value);
      for (const file of one.files) body.append("file", file, file.name);
    }
    let response;
    try { response = await this.ask("messages", { method: "POST", body }); } catch { return this.wait(); }
    if (response.status >= 500) return this.wait();
    this.pause = 1000;
    this.connected(true);
    const answer = await response.json().catch(() => ({}));
    if (response.status === 429) { one.late = answer.message; this.changed(); return 1000 * Math.min(60, Number(response.headers.get("Retry-After")) || 5); }
    if (!response.ok) {
      if (response.status === 409 && answer.code === "conflict") { const { text, files } = one; this.forget(); this.say(text, files); return 0; }
      one.refused = answer.message || " ";
      this.keep();
      this.changed();
      return 0;
    }
    this.pending = this.pending.filter((other) => other !== one);
    this.kept.begun = true;
    this.keep();
    this.state = answer.state;
    this.take(answer.message);
    if (!this.line) this.open();
    return 0;
  }

  wait() {
    this.connected(false);
    this.pause = Math.min(this.pause * 2, 20000);
    return this.pause * (0.7 + Math.random() * 0.6);
  }

  /** The line is there again: what waits is sent at once. */
  connected(yes) {
    if (yes) this.wake?.();
    if (this.online !== yes) { this.online = yes; this.changed(); }
  }

  // ---- Hearing --------------------------------------------------------------------------------------------------------------

  get newest() { return Math.max(0, ...this.messages.keys()); }

  take(message) {
    if (this.messages.has(message.id)) return;
    const fresh = message.from !== "visitor";
    this.messages.set(message.id, message);
    this.pending = this.pending.filter((one) => one.client !== message.client);
    if (fresh) { this.typing = 0; this.changed("heard"); }
    this.changed();
  }

  /** Everything so far, then the stream; when that does not come through, asking every few seconds. */
  async open() {
    const line = this.line = new AbortController();
    for (let pause = 500; !line.signal.aborted;) {
      const before = Date.now();
      try {
        if (!this.messages.size) await this.fetch(line.signal);
        const response = await this.ask("stream", { headers: this.newest ? { "Last-Event-ID": String(this.newest) } : {}, signal: line.signal });
        if (response.status === 401) { this.forget(); return; }
        if (response.ok) await this.follow(response, line);
        else for (let round = 0; round < 20 && !line.signal.aborted; round++) { await this.fetch(line.signal, true); await sleep(2500); }
      } catch { if (!line.signal.aborted) this.connected(false); }
      pause = Date.now() - before > 10000 ? 500 : Math.min(pause * 2, 15000);
      await sleep(pause * (0.5 + Math.random()));
    }
  }

  close() { this.line?.abort(); this.line = null; }

  async fetch(signal, poll = false) {
    const response = await this.ask("messages", { query: { after: poll ? this.newest : "", poll: poll ? 1 : "" }, signal });
    if (response.status === 404) { this.forget(); return; }
    if (!response.ok) throw new Error(response.status);
    const answer = await response.json();
    this.connected(true);
    this.state = answer.state;
    for (const message of answer.messages) this.take(message);
    this.changed();
  }

  async follow(response, line) {
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    let rest = "";
    this.connected(true);
    this.flush();
    for (;;) {
      const quiet = setTimeout(() => reader.cancel().catch(() => {}), 50000);
      const { done, value } = await reader.read();
      clearTimeout(quiet);
      if (done || line.signal.aborted) return;
      const parts = (rest + value).split("\n\n");
      rest = parts.pop();
      for (const part of parts) this.event(part);
    }
  }

  event(part) {
    const fields = Object.fromEntries(part.split("\n").filter((one) => !one.startsWith(":")).map((one) => [one.slice(0, one.indexOf(":")), one.slice(one.indexOf(":") + 2)]));
    if (fields.event === "message") this.take(JSON.parse(fields.data));
    else if (fields.event === "state") { this.state = JSON.parse(fields.data); this.changed(); }
    else if (fields.event === "place" && this.state) { this.state.place = JSON.parse(fields.data).place; this.changed(); }
    else if (fields.event === "typing") { this.typing = Date.now() + 7000; this.changed(); setTimeout(() => this.changed(), 7100); }
  }

  // ---- Small things ---------------------------------------------------------------------------------------------------------

  type() {
    if (!this.kept.begun || Date.now() < (this.typed || 0)) return;
    this.typed = Date.now() + 4000;
    this.act("typing").catch(() => {});
  }

  read() {
    const last = Math.max(0, ...[...this.messages.values()].filter((one) => one.from !== "visitor").map((one) => one.id));
    if (!last || last <= (this.told || this.state?.seen || 0)) return;
    this.told = last;
    this.act("read", { id: last }).catch(() => { this.told = 0; });
  }

  get unread() {
    const seen = Math.max(this.told || 0, this.state?.seen || 0);
    return [...this.messages.values()].filter((one) => one.from !== "visitor" && one.id > seen).length;
  }

  async download(file) {
    const response = await this.ask(`files/${file.id}`);
    if (!response.ok) throw new Error((await response.json().catch(() => ({}))).message || "");
    const url = URL.createObjectURL(await response.blob());
    const anchor = h("a", { href: url, download: file.name });
    anchor.click();
    setTimeout(() => URL.revokeObjectURL(url), 60000);
  }
}

function random(bytes) {
  const found = crypto.getRandomValues(new Uint8Array(bytes));
  return btoa(String.fromCharCode(...found)).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
}

const sleep = (ms) => new Promise((done) => { setTimeout(done, ms); });
