// Texts for scripts, written by the server in the reader's language.
const words = {};
for (const meta of document.querySelectorAll('meta[name="words"]')) Object.assign(words, JSON.parse(meta.content));

/** The text under `key`; `{name}` in it is replaced from `values`. */
export function say(key, values = {}) {
  return (words[key] || key).replace(/\{(\w+)\}/g, (whole, name) => (name in values ? values[name] : whole));
}
