/** Small helpers for the document. */

/**
 * @template {HTMLElement} [T=HTMLElement]
 * @param {string} id
 * @returns {T}
 */
export function byId(id) {
  const element = document.getElementById(id);
  if (!element) throw new Error(`the page has no element ${id}`);
  return /** @type {T} */ (element);
}

/**
 * @param {string} tag @param {Record<string, any>} [properties] of the element; `data` and `aria`
 *   are objects of attributes
 * @param {...(Node | string)} children
 * @returns {HTMLElement}
 */
export function element(tag, properties = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name === "aria" || name === "data") {
      for (const [key, text] of Object.entries(value)) made.setAttribute(`${name}-${key}`, text);
    } else {
      /** @type {any} */ (made)[name] = value;
    }
  }
  made.append(...children);
  return made;
}

/** Change a text only if it differs. @param {Node} node @param {string} text */
export function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

/** Change an attribute only if it differs. @param {Element} node @param {string} name @param {string} value */
export function setAttribute(node, name, value) {
  if (node.getAttribute(name) !== value) node.setAttribute(name, value);
}

/**
 * Fit a sheet to its box, and clear it.
 * @param {Sheet} sheet
 * @returns {{width: number, height: number, ratio: number}} pixels of the device, and per CSS pixel
 */
export function clearSheet({ canvas, context }) {
  const ratio = window.devicePixelRatio || 1;
  const width = Math.max(1, Math.round(canvas.clientWidth * ratio));
  const height = Math.max(1, Math.round(canvas.clientHeight * ratio));
  if (canvas.width !== width || canvas.height !== height) {
    canvas.width = width;
    canvas.height = height;
  } else {
    context.clearRect(0, 0, width, height);
  }
  return { width, height, ratio };
}

/** @typedef {{canvas: HTMLCanvasElement, context: CanvasRenderingContext2D}} Sheet */

/** @param {string} id @returns {Sheet} a canvas to draw lines and texts on */
export function sheetById(id) {
  const canvas = /** @type {HTMLCanvasElement} */ (byId(id));
  return { canvas, context: /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d")) };
}

/** @param {number[]} colour red, green, blue, alpha @returns {string} */
export function css([red, green, blue, alpha]) {
  return `rgb(${red} ${green} ${blue} / ${alpha / 255})`;
}

/** @param {unknown} error @returns {string} */
export function reasonOf(error) {
  return error instanceof Error ? error.message : String(error);
}
