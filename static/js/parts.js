/** Find and fill the named parts of the templates' markup. */

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
 * A new copy of a `<template>`'s content.
 * @template {HTMLElement} [T=HTMLElement]
 * @param {string} id
 * @returns {T}
 */
export function copyOf(id) {
  const { content } = /** @type {HTMLTemplateElement} */ (document.getElementById(id));
  return /** @type {T} */ (document.importNode(content, true).firstElementChild);
}
