/** A frame as sent, with coloured fields, and below it the meaning of each field. */

import { copyOf, part } from "../parts.js";
import { t } from "../texts.js";

/**
 * @typedef {import("./frames.js").Decoded} Decoded
 * @typedef {import("./frames.js").Field} Field
 */

/** Longer fields are truncated. */
const MAX_CHARACTERS = 4000;

/**
 * @param {HTMLElement} raw for the frame itself
 * @param {HTMLElement} list a `<dl>` for the fields
 * @param {Decoded} decoded
 */
export function showFields(raw, list, { fields, trouble }) {
  raw.replaceChildren(...fields.filter(({ text }) => text).map(segment));
  const rows = fields.filter(({ name }) => name !== "mark" && name !== "rest").map(row);
  if (trouble) rows.push(troubleRow(fields.find(({ name }) => name === "rest")?.text ?? "", trouble));
  list.replaceChildren(...rows);
}

/** @param {Field} field */
function segment({ name, text }) {
  const span = document.createElement("span");
  span.dataset.field = name;
  span.textContent = cut(text);
  return span;
}

/** @param {Field} field */
function row({ name, text, value }) {
  const element = copyOf("field-template");
  element.dataset.field = name;
  part(element, "name").textContent = t(`js.inspector.field.${name}`);
  part(element, "sentence").textContent = sentence({ name, text, value });
  const object = typeof value === "object" && value !== null;
  part(element, "text").textContent = object ? "" : cut(text);
  if (name === "handshake") part(element, "keys").append(...Object.entries(Object(value)).map(key));
  else if (object) part(element, "value").textContent = cut(JSON.stringify(value, null, 2));
  return element;
}

/** @param {[string, unknown]} entry of the handshake */
function key([name, value]) {
  const line = document.createElement("li");
  const code = document.createElement("code");
  code.textContent = `${name}: ${JSON.stringify(value)}`;
  line.append(code, ` ${t(`js.inspector.handshake.${name}`)}`);
  return line;
}

/**
 * @param {string} text
 * @param {import("./frames.js").Trouble} trouble
 */
function troubleRow(text, trouble) {
  const element = copyOf("field-template");
  element.dataset.field = "rest";
  part(element, "name").textContent = t("js.inspector.field.rest");
  part(element, "text").textContent = cut(text);
  part(element, "sentence").textContent = t(`js.inspector.trouble.${trouble}`);
  return element;
}

/**
 * What a field means, in one sentence.
 * @param {Field} field
 */
function sentence({ name, text, value }) {
  switch (name) {
    case "engine":
    case "socket":
      return t(`js.inspector.${name}.${value}`);
    case "namespace":
      return t(text ? "js.inspector.namespace" : "js.inspector.namespace_left_out", { namespace: String(value) });
    case "attachments":
    case "ack":
    case "binary":
      return t(`js.inspector.${name}`, { value: String(value) });
    default:
      return t(`js.inspector.${name}`);
  }
}

/** @param {string} text */
const cut = (text) => (text.length > MAX_CHARACTERS ? `${text.slice(0, MAX_CHARACTERS)}…` : text);
