// Markdown by buttons, in any text field: bold, lines that begin with a mark, links.
import { say } from "./words.js";

export function put(field, text, from = field.selectionStart, to = field.selectionEnd) {
  field.focus();
  field.setRangeText(text, from, to, "end");
}

/** The mark on both sides of what is chosen, or of a word that stands for it. */
export function wrap(field, mark) {
  const { selectionStart: from, selectionEnd: to, value } = field;
  const text = value.slice(from, to) || say("bold");
  field.focus();
  field.setRangeText(`${mark}${text}${mark}`, from, to, "select");
  field.setSelectionRange(from + mark.length, from + mark.length + text.length);
}

/** The mark before every chosen line. */
export function each(field, mark) {
  const { selectionStart, selectionEnd, value } = field;
  const from = value.lastIndexOf("\n", selectionStart - 1) + 1;
  put(field, value.slice(from, selectionEnd).split("\n").map((text) => mark + text).join("\n"), from, selectionEnd);
}

/** A link around what is chosen, with the address ready to be typed. */
export function link(field) {
  const { selectionStart: from, selectionEnd: to, value } = field;
  const text = value.slice(from, to) || say("link");
  put(field, `[${text}](https://)`, from, to);
  field.setSelectionRange(from + text.length + 3, from + text.length + 11);
}
