/** Finding and filling the named parts of markup that the templates made. */

/**
 * @template {HTMLElement} [T=HTMLElement]
 * @param {ParentNode} root
 * @param {string} name the `data-part`
 * @returns {T}
 */
export function part(root, name) {
  return /** @type {T} */ (root.querySelector(`[data-part="${name}"]`));
}

/**
 * @template {HTMLElement} [T=HTMLElement]
 * @param {string} id
 * @returns {T}
 */
export function byId(id) {
  return /** @type {T} */ (document.getElementById(id));
}

/**
 * A fresh copy of what a `<template>` holds.
 * @template {HTMLElement} [T=HTMLElement]
 * @param {string} id
 * @returns {T}
 */
export function copyOf(id) {
  const { content } = /** @type {HTMLTemplateElement} */ (document.getElementById(id));
  return /** @type {T} */ (document.importNode(content, true).firstElementChild);
}

/**
 * Put a visitor's colour into a chip: the dot and the name.
 * @param {ParentNode} root holds one chip
 * @param {string} user
 */
export function fillChip(root, user) {
  const chip = part(root, "chip");
  chip.querySelector("circle")?.setAttribute("fill", user);
  const name = chip.querySelector(".chip-name");
  if (name) name.textContent = user;
}
