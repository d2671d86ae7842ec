// Building nodes without markup from strings: nothing that anybody wrote is ever read as HTML.
const SVG = "http://www.w3.org/2000/svg";

function h(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (name in { value: 1, disabled: 1, hidden: 1, checked: 1, required: 1 }) node[name] = value;
    else if (value !== null && value !== undefined && value !== false) node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.filter((child) => child !== null && child !== undefined && child !== false));
  return node;
}

function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 16 16");
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", ICONS[name]);
  svg.append(path);
  return svg;
}

const iconButton = (name, label, onclick, more = {}) => h("button", { type: "button", class: "icon", "aria-label": label, title: label, onclick, ...more }, icon(name));

function link(url, label) {
  let target;
  try { target = new URL(url, BASE); } catch { return document.createTextNode(label); }
  if (!["https:", "http:", "mailto:", "tel:"].includes(target.protocol)) return document.createTextNode(label);
  return h("a", { href: target.href, target: "_blank", rel: "noopener noreferrer" }, label);
}

const INLINE = /\[([^\]\n]{1,200})\]\(([^()\s]{1,500})\)|(https?:\/\/[^\s<>"'()]{1,500}[^\s<>"'().,;:!?。、，）])|\*\*([^*\n]{1,500})\*\*/g;

/** Our side writes Markdown; of it only links, bold and lists are drawn. */
function rich(text) {
  const out = document.createDocumentFragment();
  const source = text.replace(/^\s*[-*] /gm, "• ").replace(/^#+ /gm, "").replace(/^> ?\[!\w+\]\s*$/gm, "").replace(/^> ?/gm, "").trim();
  let at = 0;
  for (const found of source.matchAll(INLINE)) {
    out.append(source.slice(at, found.index));
    if (found[1]) out.append(link(found[2], found[1]));
    else if (found[3]) out.append(link(found[3], found[3]));
    else out.append(h("b", {}, found[4]));
    at = found.index + found[0].length;
  }
  out.append(source.slice(at));
  return out;
}
