/** The other side of the bridge: makes one request at a time and wakes the caller. */
import http from 'node:http';
import https from 'node:https';
import { workerData } from 'node:worker_threads';

const { port, flag } = workerData;
const TIMEOUT_MS = 60_000; // as Google's own limit

port.on('message', async (/** @type {any} */ request) => {
  const answer = await send(request).catch((error) => ({ error: String(error.code ?? error.message) }));
  port.postMessage(answer);
  Atomics.store(flag, 0, 1);
  Atomics.notify(flag, 0);
});

/** @param {{ url: string, method: string, headers: Record<string, string>, payload: string }} request */
function send({ url, method, headers, payload }) {
  const body = Buffer.from(payload ?? '', 'utf8');
  const client = url.startsWith('https:') ? https : http;
  return new Promise((resolve, reject) => {
    const options = { method, headers: { ...headers, 'content-length': body.length }, agent: false, timeout: TIMEOUT_MS };
    const request = client.request(url, options, (response) => {
      /** @type {Buffer[]} */
      const chunks = [];
      response.on('data', (chunk) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => resolve({ status: response.statusCode, headers: response.headers, text: Buffer.concat(chunks).toString('utf8') }));
    });
    request.on('timeout', () => request.destroy(new Error('timeout')));
    request.on('error', reject);
    request.end(body);
  });
}
