/**
 * `UrlFetchApp` is synchronous, Node's HTTP is not: a worker thread makes the request while this thread sleeps on shared
 * memory. The server must therefore be another process; one in this thread could never answer.
 */
import { MessageChannel, Worker, receiveMessageOnPort } from 'node:worker_threads';

const MOST_PAYLOAD = 50 * 1024 * 1024;
const PATIENCE_MS = 70_000;

/** Opens a bridge; `close()` it or the process waits for ever. */
export function openBridge() {
  const flag = new Int32Array(new SharedArrayBuffer(4));
  const { port1, port2 } = new MessageChannel();
  const worker = new Worker(new URL('./fetch-worker.mjs', import.meta.url), { workerData: { flag, port: port2 }, transferList: [port2] });
  const ask = (/** @type {any} */ request) => {
    Atomics.store(flag, 0, 0);
    port1.postMessage(request);
    // The wake-up of the request before may come late and be taken for this one's: only the flag counts.
    while (Atomics.load(flag, 0) === 0) {
      if (Atomics.wait(flag, 0, 0, PATIENCE_MS) === 'timed-out') throw new Error('the fetch bridge does not answer');
    }
    return receiveMessageOnPort(port1)?.message;
  };
  return { fetch: (/** @type {string} */ url, /** @type {any} */ options) => urlFetch(ask, url, options), close: () => worker.terminate() };
}

/** Google's semantics over one request. @param {(request: any) => any} ask @param {string} url @param {any} options */
function urlFetch(ask, url, { method = 'get', contentType, headers = {}, payload = '', muteHttpExceptions = false, followRedirects = true }) {
  if (Buffer.byteLength(payload) > MOST_PAYLOAD) throw new Error('Limit Exceeded: URLFetch POST Size.');
  const answer = ask({ url, method: method.toUpperCase(), headers: { ...headers, 'content-type': contentType }, payload });
  if (answer.error) throw new Error(`Address unavailable: ${url} (${answer.error})`);
  if (followRedirects && answer.status >= 300 && answer.status < 400) throw new Error('this fake follows no redirect');
  if (!muteHttpExceptions && answer.status >= 400) throw new Error(`Request failed for ${url} returned code ${answer.status}.`);
  return { getResponseCode: () => answer.status, getContentText: () => answer.text, getHeaders: () => answer.headers };
}
