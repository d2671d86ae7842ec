// Looks. A constructable stylesheet inside the shadow root: no style attribute or element, so a strict policy of the host page allows it.
const CSS = `
:host { all: initial; position: fixed; z-index: 2147483000; inset-block-end: 0; inset-inline-end: 0; color-scheme: light dark; direction: inherit;
  --surface: light-dark(oklch(0.992 0.002 95), oklch(0.225 0.019 268)); --sunken: light-dark(oklch(0.950 0.006 95), oklch(0.262 0.021 268));
  --ink: light-dark(oklch(0.235 0.022 268), oklch(0.935 0.006 268)); --ink-2: light-dark(oklch(0.405 0.020 268), oklch(0.800 0.012 268));
  --ink-3: light-dark(oklch(0.470 0.018 268), oklch(0.730 0.016 268)); --line: light-dark(oklch(0.870 0.006 95), oklch(0.350 0.018 268));
  --edge: light-dark(oklch(0.600 0.014 268), oklch(0.600 0.022 268)); --accent: light-dark(oklch(0.415 0.100 259), oklch(0.790 0.085 257));
  --fill: light-dark(oklch(0.390 0.098 259), oklch(0.480 0.105 259)); --on: oklch(0.990 0.003 95); --soft: light-dark(oklch(0.950 0.013 258), oklch(0.282 0.040 262));
  --danger: light-dark(oklch(0.510 0.178 32), oklch(0.740 0.145 31));
  --font: -apple-system, "Segoe UI", Roboto, "Noto Sans", "Hiragino Sans", "BIZ UDPGothic", "Noto Sans JP", "Noto Sans CJK JP", Meiryo, sans-serif; }
:host([data-theme="light"]) { color-scheme: light; } :host([data-theme="dark"]) { color-scheme: dark; }
:host(:lang(zh-Hans)) { --font: -apple-system, "Segoe UI", Roboto, "PingFang SC", "Microsoft YaHei UI", "Noto Sans SC", "Noto Sans CJK SC", sans-serif; }
:host(:lang(zh-Hant)) { --font: -apple-system, "Segoe UI", Roboto, "PingFang TC", "Microsoft JhengHei UI", "Noto Sans TC", "Noto Sans CJK TC", sans-serif; }
*, *::before, *::after { box-sizing: border-box; margin: 0; }
.root { font: 400 14px/1.5 var(--font); color: var(--ink); }
button, textarea, input, select { font: inherit; color: inherit; }
button { cursor: pointer; border: 0; background: none; }
button:disabled { opacity: .5; cursor: default; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
svg { inline-size: 16px; block-size: 16px; fill: none; stroke: currentColor; stroke-width: 1.5; stroke-linecap: round; stroke-linejoin: round; flex: none; }
.vh { position: absolute; inline-size: 1px; block-size: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
[hidden] { display: none !important; }
.launch { position: fixed; inset-block-end: 20px; inset-inline-end: 20px; inline-size: 56px; block-size: 56px; border-radius: 50%; display: grid; place-items: center;
  background: var(--fill); color: var(--on); box-shadow: 0 2px 4px oklch(0 0 0 / .12), 0 10px 28px oklch(0 0 0 / .22); }
.launch svg { inline-size: 24px; block-size: 24px; }
.badge { position: absolute; inset-block-start: -2px; inset-inline-end: -2px; min-inline-size: 20px; block-size: 20px; padding-inline: 5px; border-radius: 10px; background: oklch(0.52 0.182 32); color: #fff; font-size: 12px; line-height: 20px; text-align: center; }
.panel { position: fixed; inset-block-end: 20px; inset-inline-end: 20px; inline-size: 384px; max-inline-size: calc(100vw - 40px); block-size: min(680px, calc(100dvh - 40px)); display: flex; flex-direction: column;
  background: var(--surface); border: 1px solid var(--line); border-radius: 14px; box-shadow: 0 2px 4px oklch(0 0 0 / .1), 0 18px 48px oklch(0 0 0 / .24); overflow: hidden; animation: up .16s ease-out; }
@keyframes up { from { transform: translateY(8px); opacity: 0; } }
.head { display: flex; align-items: center; gap: 8px; padding: 10px 10px 10px 16px; border-block-end: 1px solid var(--line); }
.head > div:first-child { flex: 1; min-inline-size: 0; } .title { font-weight: 600; font-size: 15px; } .sub { color: var(--ink-3); font-size: 12px; }
.title, .sub { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.head select { max-inline-size: 96px; font-size: 12px; padding: 5px 4px; border: 1px solid var(--line); border-radius: 6px; background: var(--surface); }
.icon { inline-size: 34px; block-size: 34px; display: grid; place-items: center; border-radius: 6px; flex: none; } .icon:hover { background: var(--sunken); }
.log { flex: 1; min-block-size: 0; overflow-y: auto; padding: 16px; display: flex; flex-direction: column; gap: 10px; overscroll-behavior: contain; }
.note { font-size: 12px; color: var(--ink-3); text-align: center; padding-inline: 12px; }
.m { display: grid; gap: 3px; justify-items: start; max-inline-size: 86%; } .m.me { align-self: flex-end; justify-items: end; }
.who { font-size: 12px; color: var(--ink-3); padding-inline: 4px; }
.bub { padding: 8px 12px; border-radius: 12px; background: var(--sunken); line-height: 1.6; overflow-wrap: anywhere; white-space: pre-wrap; }
.me .bub { background: var(--fill); color: var(--on); } .bub a { color: var(--accent); } .me .bub a { color: inherit; }
.foot { font-size: 12px; color: var(--ink-3); display: flex; gap: 6px; align-items: center; padding-inline: 4px; } .foot.bad { color: var(--danger); }
.row { display: flex; flex-wrap: wrap; gap: 6px; margin-block-start: 4px; }
.btn { display: inline-flex; align-items: center; gap: 6px; min-block-size: 32px; padding: 4px 12px; border: 1px solid var(--edge); border-radius: 6px; background: var(--surface); font-weight: 500; text-decoration: none; color: var(--ink); text-align: start; }
.btn:hover { background: var(--sunken); } .btn.go { background: var(--fill); border-color: transparent; color: var(--on); } .link { color: var(--accent); text-decoration: underline; padding: 0; font-size: inherit; }
.card { display: grid; gap: 10px; padding: 14px; border-radius: 10px; background: var(--soft); } .card p { line-height: 1.55; }
.place { display: flex; gap: 12px; align-items: center; } .place b { display: grid; place-items: center; inline-size: 38px; block-size: 38px; border-radius: 50%; border: 1.5px solid var(--accent); color: var(--accent); font-size: 18px; font-weight: 600; flex: none; }
.field { display: grid; gap: 3px; font-size: 13px; } .field input, .field textarea { inline-size: 100%; padding: 7px 10px; border: 1px solid var(--edge); border-radius: 6px; background: var(--surface); font-size: 14px; }
.check { display: flex; gap: 8px; align-items: start; font-size: 13px; } .check input { margin-block-start: 3px; inline-size: 16px; block-size: 16px; flex: none; accent-color: var(--fill); }
.stars { display: flex; gap: 2px; border: 0; padding: 0; } .stars legend { padding: 0; margin-block-end: 4px; } .stars button { inline-size: 40px; block-size: 40px; display: grid; place-items: center; border-radius: 6px; } .stars svg { inline-size: 24px; block-size: 24px; } .stars [aria-pressed="true"] svg { fill: currentColor; color: var(--accent); }
.foot-c { border-block-start: 1px solid var(--line); padding: 8px; display: grid; gap: 6px; } .write { display: flex; gap: 4px; align-items: end; }
.write textarea { flex: 1; min-inline-size: 0; resize: none; max-block-size: 120px; padding: 7px 10px; border: 1px solid var(--edge); border-radius: 8px; background: var(--surface); line-height: 1.5; font-size: 16px; field-sizing: content; }
.write .icon { block-size: 38px; inline-size: 38px; } .send { background: var(--fill); color: var(--on); } .send:hover { background: var(--fill); }
.files { display: flex; flex-wrap: wrap; gap: 6px; } .chip { display: inline-flex; gap: 6px; align-items: center; padding: 2px 4px 2px 10px; border: 1px solid var(--line); border-radius: 99px; font-size: 12px; max-inline-size: 100%; } .chip span { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; } .chip .icon { inline-size: 24px; block-size: 24px; }
.dots { display: inline-flex; gap: 4px; align-items: center; block-size: 20px; } .dots i { inline-size: 6px; block-size: 6px; border-radius: 50%; background: var(--ink-3); animation: dot 1.2s infinite; } .dots i:nth-child(2) { animation-delay: .2s; } .dots i:nth-child(3) { animation-delay: .4s; }
@keyframes dot { 0%, 60%, 100% { opacity: .3; } 30% { opacity: 1; } }
.menu { position: absolute; inset-block-start: 52px; inset-inline-end: 10px; display: grid; padding: 4px; min-inline-size: 200px; background: var(--surface); border: 1px solid var(--line); border-radius: 8px; box-shadow: 0 6px 20px oklch(0 0 0 / .16); z-index: 1; }
.menu button { padding: 8px 10px; border-radius: 6px; text-align: start; } .menu button:hover { background: var(--sunken); }
@media (max-width: 480px) { .panel { inset: 0; inline-size: auto; max-inline-size: none; block-size: 100dvh; border: 0; border-radius: 0; } }
@media (prefers-reduced-motion: reduce) { *, *::before { animation: none !important; } }
@media (forced-colors: active) { .bub, .card { border: 1px solid; } }
`;
const ICONS = {
  chat: "M2 3.25h12v8H7l-3.5 2.5v-2.5H2z", clip: "m13 7.25-5.4 5.4a3 3 0 0 1-4.25-4.25l5.75-5.75a2 2 0 0 1 2.85 2.85L6.3 11.15a1 1 0 0 1-1.4-1.4l5-5",
  minus: "M3 8h10", up: "M8 13V3.5M4 7.25 8 3.25l4 4", x: "m4 4 8 8M12 4l-8 8", more: "M3.5 8h.01M8 8h.01M12.5 8h.01",
  star: "m8 2.25 1.7 3.7 4.05.45-3 2.75.8 4L8 11.15l-3.55 2 .8-4-3-2.75 4.05-.45z", file: "M4 1.75h5l3 3v9.5H4zM9 1.75v3h3", checks: "m1.5 8.5 3 3L10 5.5M7.5 11l.5.5 6-6.5",
};
