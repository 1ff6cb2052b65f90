/** Asks the server, and says why it did not answer. */

/** @type {Map<string, Promise<Response>>} requests that were begun early, by address */
const begun = new Map();

/** @param {Response} answer @returns {Promise<Response>} */
async function checked(answer) {
  if (answer.ok) return answer;
  let reason = `${answer.status} ${answer.statusText}`;
  try {
    reason = (await answer.json()).reason ?? reason;
  } catch {
    // the answer has no JSON: its status says all there is
  }
  throw new Error(reason);
}

/** @param {string} path @param {Record<string, string | number | undefined>} parameters @returns {string} */
function addressOf(path, parameters) {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters)) {
    if (value !== undefined && value !== null) query.set(name, String(value));
  }
  return `/v1/hud/${path}?${query}`;
}

/**
 * Ask for what will be wanted; the next request for the same takes the answer.
 * @param {string} path @param {Record<string, string | number | undefined>} parameters
 */
export function begin(path, parameters) {
  const address = addressOf(path, parameters);
  const asked = fetch(address);
  // whoever wants the answer sees the error
  asked.catch(() => {});
  begun.set(address, asked);
}

/**
 * @param {string} path @param {Record<string, string | number | undefined>} [parameters]
 * @param {AbortSignal} [signal]
 * @returns {Promise<Response>}
 */
export async function get(path, parameters = {}, signal) {
  const address = addressOf(path, parameters);
  const asked = begun.get(address) ?? fetch(address, { signal });
  begun.delete(address);
  return checked(await answered(asked));
}

/**
 * Ask for a change; the server takes one from its own page alone.
 * @param {string} path @param {Record<string, string>} body @returns {Promise<Response>}
 */
export async function post(path, body) {
  const headers = { "content-type": "application/json" };
  // the page's own policy, which names no referrer, may hide the origin too
  const asked = fetch(`/v1/hud/${path}`, { method: "POST", headers, referrerPolicy: "same-origin", body: JSON.stringify(body) });
  return checked(await answered(asked));
}

/** The server is not there, or went away before the end of its answer. */
export class NoAnswerError extends Error {
  constructor() {
    super("the server does not answer");
  }
}

/** @template T @param {Promise<T>} promise of a request or of its body @returns {Promise<T>} */
export async function answered(promise) {
  try {
    return await promise;
  } catch (error) {
    // what browsers throw for a network error
    throw error instanceof TypeError ? new NoAnswerError() : error;
  }
}
