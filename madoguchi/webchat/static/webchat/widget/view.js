// What is seen: a button, and a panel with the conversation. Redrawn in place, so that focus and reading position stay.
class Chat extends HTMLElement {
  #root = this.attachShadow({ mode: "closed" });
  #config = null;
  #drawn = new Map();
  #card = "";
  #files = [];
  #opened = false;
  #asked = "";

  start(talk, options) {
    this.talk = talk;
    this.options = options;
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(CSS);
    this.#root.adoptedStyleSheets = [sheet];
    if (options.theme) this.dataset.theme = options.theme;
    talk.addEventListener("change", () => this.draw());
    talk.addEventListener("heard", () => this.heard());
    document.addEventListener("visibilitychange", () => this.draw());
    this.load().then(() => {
      if (talk.kept.begun) talk.open();
      if (talk.pending.length) talk.flush();
      if (options.open || talk.kept.opened) this.show(false);
    });
    setInterval(() => this.draw(), 15000);
  }

  async load() {
    const response = await fetch(this.talk.url("config", { lang: this.talk.kept.language || this.options.language }), { credentials: "omit" });
    if (!response.ok) return new Promise(() => {});  // switched off, or not for this page: nothing is shown
    this.#config = await response.json();
    this.talk.kept.language = this.#config.language;
    this.lang = this.#config.lang;
    if (this.#config.colour) { const own = new CSSStyleSheet(); own.replaceSync(`:host { --fill: ${this.#config.colour}; }`); this.#root.adoptedStyleSheets = [this.#root.adoptedStyleSheets[0], own]; }
    this.build();
  }

  say(name, values = {}) {
    return (this.#config.words[name] || name).replace(/\{(\w+)\}/g, (whole, key) => values[key] ?? whole);
  }

  // ---- The frame ------------------------------------------------------------------------------------------------------------

  build() {
    this.#drawn.clear();
    this.parts = {};
    const p = this.parts;
    p.badge = h("span", { class: "badge", hidden: true });
    p.launch = h("button", { type: "button", class: "launch", "aria-label": this.say("open"), "aria-expanded": "false", onclick: () => this.show() }, icon("chat"), p.badge);
    p.live = h("p", { class: "vh", role: "status" });
    this.#root.replaceChildren(h("div", { class: "root", lang: this.#config.lang }, p.launch, this.panel(), p.live));
    p.panel.hidden = !this.#opened;
    p.launch.hidden = this.#opened;
    this.draw();
  }

  panel() {
    const p = this.parts;
    const languages = h("select", { "aria-label": this.say("language"), onchange: (event) => this.speak(event.target.value) },
      ...this.#config.languages.map(([code, name]) => h("option", { value: code, selected: code === this.#config.language }, name)));
    p.sub = h("p", { class: "sub" });
    p.menu = h("div", { class: "menu", hidden: true });
    p.more = iconButton("more", this.say("more"), () => { p.menu.hidden = !p.menu.hidden; if (!p.menu.hidden) p.menu.querySelector("button")?.focus(); });
    const head = h("header", { class: "head" }, h("div", {}, h("h2", { class: "title" }, this.#config.words.title), p.sub), languages, p.more,
      iconButton("minus", this.say("close"), () => this.hide()), p.menu);
    p.list = h("div", { class: "log", role: "log", "aria-label": this.say("log"), tabindex: "0" });
    p.tail = h("div", { class: "log-tail" });
    p.panel = h("section", { class: "panel", role: "dialog", "aria-label": this.#config.words.title, onkeydown: (event) => this.keys(event) }, head, p.list, this.composer());
    return p.panel;
  }

  composer() {
    const p = this.parts;
    p.file = h("input", { type: "file", class: "vh", multiple: true, tabindex: "-1", "aria-hidden": "true", onchange: () => { this.add(p.file.files); p.file.value = ""; } });
    p.text = h("textarea", { rows: "1", "aria-label": this.say("message"), placeholder: this.say("placeholder"), maxlength: this.#config.longest,
      oninput: () => { this.talk.type(); p.send.disabled = !this.ready(); },
      onkeydown: (event) => { if (event.key === "Enter" && !event.shiftKey && !event.isComposing) { event.preventDefault(); this.submit(); } },
      onpaste: (event) => { if (event.clipboardData.files.length) { event.preventDefault(); this.add(event.clipboardData.files); } } });
    p.send = iconButton("up", this.say("send"), () => this.submit(), { class: "icon send", disabled: true });
    p.chips = h("div", { class: "files" });
    p.agree = h("input", { type: "checkbox", onchange: () => { this.talk.kept.consent = p.agree.checked; p.send.disabled = !this.ready(); } });
    p.consent = h("label", { class: "check" }, p.agree, h("span", {}, this.say("consent"), " ", this.#config.privacy ? link(this.#config.privacy, this.say("privacy")) : ""));
    p.foot = h("div", { class: "foot-c" }, p.consent, p.chips, h("div", { class: "write" }, iconButton("clip", this.say("attach"), () => p.file.click()), p.file, p.text, p.send));
    return p.foot;
  }

  ready() {
    const agreed = !this.#config.consent || this.talk.kept.begun || this.talk.kept.consent;
    return agreed && (this.parts.text.value.trim() || this.#files.length);
  }

  keys(event) {
    if (event.key === "Escape") {
      event.preventDefault();
      if (!this.parts.menu.hidden) { this.parts.menu.hidden = true; this.parts.more.focus(); } else this.hide();
    }
    if (event.key !== "Tab") return;
    const able = [...this.parts.panel.querySelectorAll("button, select, textarea, input, a[href], [tabindex='0']")].filter((one) => !one.disabled && one.tabIndex >= 0 && one.checkVisibility());
    const at = able.indexOf(this.#root.activeElement);
    if (event.shiftKey ? at <= 0 : at === able.length - 1) { event.preventDefault(); able.at(event.shiftKey ? -1 : 0).focus(); }
  }

  show(focus = true) {
    if (!this.#config) { this.options.open = true; return; }
    this.#opened = this.talk.kept.opened = true;
    this.talk.keep();
    this.parts.panel.hidden = false;
    this.parts.launch.hidden = true;
    if (focus) this.parts.text.focus();
    this.draw();
    this.end();
  }

  hide() {
    this.#opened = this.talk.kept.opened = false;
    this.talk.keep();
    this.parts.panel.hidden = true;
    this.parts.launch.hidden = false;
    this.parts.launch.focus();
    this.draw();
  }

  async speak(language) {
    this.talk.kept.language = language;
    this.talk.keep();
    const text = this.parts.text.value;
    await this.load();
    this.parts.text.value = text;
    this.parts.panel.querySelector("select").focus();
  }

  // ---- Writing --------------------------------------------------------------------------------------------------------------

  submit() {
    if (!this.ready()) return;
    const text = this.parts.text.value.trim();
    this.parts.text.value = "";
    const files = this.#files;
    this.#files = [];
    this.talk.keep();
    this.talk.say(text, files);
    this.chips();
    this.end();
  }

  add(files) {
    for (const file of files) {
      const total = this.#files.reduce((sum, one) => sum + one.size, file.size);
      if (total > this.#config.bytes || this.#files.length >= this.#config.files) this.tell(this.say("too_large", { size: Math.floor(this.#config.bytes / 1048576) }));
      else this.#files.push(file);
    }
    this.chips();
  }

  chips() {
    this.parts.chips.replaceChildren(...this.#files.map((file) => h("span", { class: "chip" }, h("span", {}, file.name),
      iconButton("x", `${this.say("cancel")}: ${file.name}`, () => { this.#files = this.#files.filter((one) => one !== file); this.chips(); }))));
    this.parts.send.disabled = !this.ready();
  }

  tell(text) { this.#asked = text; this.parts.live.textContent = text; this.draw(); setTimeout(() => { if (this.#asked === text) { this.#asked = ""; this.draw(); } }, 8000); }

  heard() {
    if (!this.#config) return;
    if (!this.#opened) this.parts.live.textContent = this.say("unread", { n: this.talk.unread });
  }

  end() { const list = this.parts.list; list.scrollTop = list.scrollHeight; }

  // ---- Drawing --------------------------------------------------------------------------------------------------------------

  draw() {
    if (!this.#config) return;
    const { talk, parts: p } = this;
    const near = p.list.scrollHeight - p.list.scrollTop - p.list.clientHeight < 80;
    p.badge.textContent = String(talk.unread);
    p.badge.hidden = !talk.unread;
    p.launch.setAttribute("aria-label", talk.unread ? `${this.say("open")}: ${this.say("unread", { n: talk.unread })}` : this.say("open"));
    p.sub.textContent = this.subtitle();
    p.consent.hidden = !this.#config.consent || talk.kept.begun;
    p.more.hidden = !talk.state;
    p.send.disabled = !this.ready();
    p.foot.hidden = talk.state?.state === "ended";
    this.menu();
    this.lines();
    if (near) this.end();
    if (this.#opened && document.visibilityState === "visible") talk.read();
  }

  subtitle() {
    const { state } = this.talk;
    if (!this.talk.online) return this.say("offline");
    const person = [...this.talk.messages.values()].filter((one) => one.from === "agent").at(-1);
    if (state?.state === "active" && person) return this.say("with", { name: person.name });
    return this.#config.open && this.#config.staffed ? this.say("online") : "";
  }

  menu() {
    const item = (name, run) => h("button", { type: "button", onclick: () => { this.parts.menu.hidden = true; run(); } }, this.say(name));
    const going = ["waiting", "assisted", "active"].includes(this.talk.state?.state);
    const wanted = going ? "going" : "over";
    if (this.parts.menu.dataset.for === wanted + this.#config.language) return;
    this.parts.menu.dataset.for = wanted + this.#config.language;
    this.parts.menu.replaceChildren(...[item("transcript", () => this.card("transcript")), going && item("by_mail", () => this.card("mail")), going && item("by_call", () => this.card("call")),
      going && item("end", () => this.act("end"))].filter(Boolean));
  }

  async act(path, body, then) {
    try { const answer = await this.talk.act(path, body); then?.(answer); } catch (error) { this.tell(error.message || this.say("failed")); }
  }

  /** Each line has a key and a text that tells whether it changed; only what changed is drawn anew. */
  lines() {
    const said = [...this.talk.messages.values()].sort((a, b) => a.id - b.id);
    const answered = said.some((one) => one.from !== "visitor");
    const hello = answered || (this.#config.open && this.#config.staffed) ? "hello" : this.#config.open ? "absent" : "closed";
    const wanted = [["hello", hello, () => h("p", { class: "note" }, this.say(hello))]];
    if (said.some((one) => one.from === "assistant")) wanted.push(["bot", "", () => h("p", { class: "note" }, this.say("is_bot"))]);
    const last = said.at(-1);
    const read = this.talk.state?.read || 0;
    const mine = said.filter((one) => one.from === "visitor").at(-1);
    for (const one of said) wanted.push([`m${one.id}`, `${one === mine ? read >= one.id : ""}|${one === last}`, () => this.message(one, { read: one === mine && read >= one.id, newest: one === mine, last: one === last })]);
    for (const one of this.talk.pending) wanted.push([`p${one.client}`, one.refused || one.late || String(this.talk.online), () => this.unsent(one)]);
    if (this.talk.typing > Date.now()) wanted.push(["typing", "", () => h("div", { class: "m" }, h("p", { class: "bub" }, h("span", { class: "vh" }, this.say("typing")), h("span", { class: "dots", "aria-hidden": "true" }, h("i"), h("i"), h("i"))))]);
    wanted.push(...this.cards());
    const list = this.parts.list;
    let at = list.firstChild;
    const keys = new Set(wanted.map(([key]) => key));
    for (const [key, one] of this.#drawn) if (!keys.has(key)) { if (at === one.node) at = at.nextSibling; one.node.remove(); this.#drawn.delete(key); }
    for (const [key, text, make] of wanted) {
      let one = this.#drawn.get(key);
      if (!one || one.text !== text) {
        const node = make();
        if (one) { if (at === one.node) at = node; one.node.replaceWith(node); }
        one = { node, text };
        this.#drawn.set(key, one);
      }
      if (one.node === at) at = at.nextSibling; else list.insertBefore(one.node, at);
    }
  }

  message(one, { read, newest, last }) {
    const mine = one.from === "visitor";
    const name = { visitor: this.say("you"), assistant: this.say("assistant"), agent: one.name, system: "" }[one.from];
    const time = new Date(one.at).toLocaleTimeString(this.#config.lang, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
    const lang = one.lang ? { lang: { "zh-hans": "zh-Hans", "zh-hant": "zh-Hant" }[one.lang] || one.lang } : {};
    return h("div", { class: mine ? "m me" : "m" },
      mine ? h("span", { class: "vh" }, name) : name && h("span", { class: "who" }, name),
      one.text && h("p", { class: "bub", dir: "auto", ...lang }, mine ? one.text : rich(one.text)),
      ...one.files.map((file) => h("button", { type: "button", class: "btn", "aria-label": this.say("download", { name: file.name }), onclick: () => this.talk.download(file).catch((error) => this.tell(error.message || this.say("failed"))) }, icon("file"), `${file.name} · ${file.size}`)),
      ...this.choices(one, last),
      h("p", { class: "foot" }, mine && newest ? icon("checks") : "", mine && newest ? `${read ? this.say("read") : this.say("sent")} · ${time}` : time));
  }

  choices(one, last) {
    const links = one.choices.filter((choice) => choice.url).map((choice) => { const node = link(choice.url, choice.label); if (node.nodeType === 1) node.className = "btn"; return node; });
    const answers = last ? one.choices.filter((choice) => choice.value).map((choice) => h("button", { type: "button", class: "btn", onclick: () => { this.talk.say(choice.value); this.parts.text.focus(); } }, choice.label)) : [];
    return [links, answers].filter((row) => row.length).map((row) => h("div", { class: "row" }, ...row));
  }

  unsent(one) {
    const state = one.refused ? h("p", { class: "foot bad", role: "alert" }, `${this.say("unsent")}: ${one.refused} `, h("button", { type: "button", class: "link", onclick: () => this.talk.retry(one) }, this.say("again")), h("button", { type: "button", class: "link", onclick: () => this.talk.drop(one) }, this.say("cancel")))
      : h("p", { class: "foot" }, one.late || this.say(this.talk.online ? "sending" : "offline"));
    return h("div", { class: "m me" }, one.text && h("p", { class: "bub", dir: "auto" }, one.text), ...one.files.map((file) => h("span", { class: "chip" }, file.name)), state);
  }

  // ---- Cards: waiting, contact, the end --------------------------------------------------------------------------------------

  card(name) { this.#card = name; this.draw(); this.end(); this.parts.list.querySelector(".card input")?.focus(); }

  cards() {
    const { state } = this.talk;
    const out = [];
    if (this.#asked) out.push(["told", this.#asked, () => h("p", { class: "note", role: "alert" }, this.#asked)]);
    if (!state) return out;
    if (state.state === "waiting") out.push(this.waiting(state));
    if (this.#card === "mail" || this.#card === "call") out.push([`c-${this.#card}`, "", () => this.contact(this.#card)]);
    if (this.#card === "transcript") out.push(["c-transcript", state.mail, () => this.transcript(state)]);
    if (state.state === "mail") out.push(["mailed", state.mail, () => h("p", { class: "note", role: "status" }, state.mail ? this.say("mail_kept", { value: state.mail }) : this.say("call_kept"))]);
    if (state.state === "ended") out.push(["ended", String(state.rating), () => this.over(state)]);
    return out;
  }

  waiting(state) {
    const late = state.since && Date.now() - Date.parse(state.since) > this.#config.patience * 1000 && !this.#card;
    const place = state.place === 1 ? this.say("next") : state.place ? this.say("place", { n: state.place }) : this.say("waiting");
    const minutes = state.minutes ? this.say(state.minutes === 1 ? "minute" : "minutes", { n: state.minutes }) : "";
    const offer = late || !this.#config.staffed;
    return ["waiting", `${place}${minutes}${offer}${late}${this.#card}`, () => h("div", { class: "card", role: "status" },
      h("div", { class: "place" }, state.place ? h("b", { "aria-hidden": "true" }, String(state.place)) : null, h("div", {}, h("p", {}, place), minutes && h("p", { class: "foot" }, minutes))),
      late && h("p", {}, this.say("patience")),
      offer && !this.#card && h("div", { class: "row" }, h("button", { type: "button", class: "btn", onclick: () => this.card("mail") }, this.say("by_mail")), h("button", { type: "button", class: "btn", onclick: () => this.card("call") }, this.say("by_call"))))];
  }

  field(label, attributes) {
    const input = h("input", attributes);
    return [input, h("label", { class: "field" }, h("span", {}, label), input)];
  }

  contact(how) {
    const mail = how === "mail";
    const [value, first] = this.field(this.say(mail ? "your_mail" : "your_phone"), { type: mail ? "email" : "tel", autocomplete: mail ? "email" : "tel", required: true, value: mail ? this.talk.state.mail : "", maxlength: "320" });
    const [name, second] = this.field(`${this.say("your_name")} (${this.say("optional")})`, { autocomplete: "name", maxlength: "200", value: this.talk.state.name || "" });
    const send = (event) => { event.preventDefault(); this.act("contact", { how, value: value.value, name: name.value }, () => { this.#card = ""; this.draw(); }); };
    return h("form", { class: "card", onsubmit: send }, first, second, this.buttons(mail ? "by_mail" : "by_call"));
  }

  transcript(state) {
    const [mail, field] = this.field(this.say("your_mail"), { type: "email", autocomplete: "email", required: true, value: state.mail || "", maxlength: "320" });
    const send = (event) => { event.preventDefault(); this.act("transcript", { mail: mail.value }, (answer) => { this.#card = ""; this.tell(this.say("transcript_sent", { value: answer.state.mail })); }); };
    return h("form", { class: "card", onsubmit: send }, state.mail ? h("p", {}, state.mail) : field, this.buttons("transcript"));
  }

  buttons(go) {
    return h("div", { class: "row" }, h("button", { class: "btn go" }, this.say(go)), h("button", { type: "button", class: "btn", onclick: () => { this.card(""); this.parts.text.focus(); } }, this.say("cancel")));
  }

  over(state) {
    const comment = h("textarea", { rows: "2", maxlength: "2000" });
    const stars = [1, 2, 3, 4, 5].map((n) => h("button", { type: "button", "aria-label": this.say("stars", { n }), "aria-pressed": String(n <= (state.rating || 0)), onclick: () => this.act("rating", { rating: n, comment: comment.value }) }, icon("star")));
    return h("div", { class: "card" }, h("p", { role: "status" }, this.say("ended")),
      h("fieldset", { class: "stars" }, h("legend", {}, state.rating ? this.say("rated") : this.say("rate")), ...stars),
      !!state.rating && h("form", { onsubmit: (event) => { event.preventDefault(); this.act("rating", { rating: state.rating, comment: comment.value }, () => this.tell(this.say("rated"))); } }, h("label", { class: "field" }, h("span", {}, this.say("comment")), comment), h("div", { class: "row" }, h("button", { class: "btn" }, this.say("send")))),
      h("div", { class: "row" }, h("button", { type: "button", class: "btn go", onclick: () => { this.talk.forget(); this.#card = ""; this.parts.foot.hidden = false; this.parts.text.focus(); } }, this.say("anew")), h("button", { type: "button", class: "btn", onclick: () => this.card("transcript") }, this.say("transcript"))));
  }
}
