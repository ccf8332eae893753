/**
 * A small ingress in its own process: it checks the token and the required fields as the contract says, knows a repeated
 * `message_id`, and plays the answers it is told to play first.
 *
 *   POST /script   {"next": [answer…], "byId": {message_id: answer}}   answer = {status, headers, body, drop}
 *   GET  /seen     the requests taken so far
 */
import http from 'node:http';

const token = process.argv[2] ?? '';
/** @type {{ next: any[], byId: Record<string, any>, seen: any[], known: Set<string> }} */
const state = { next: [], byId: {}, seen: [], known: new Set() };

const server = http.createServer(async (request, response) => {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  const text = Buffer.concat(chunks).toString('utf8');
  if (request.url === '/script') {
    Object.assign(state, { next: [], byId: {} }, JSON.parse(text));
    return reply(response, { status: 204 });
  }
  if (request.url === '/seen') return reply(response, { status: 200, body: state.seen });
  const mail = parse(text);
  state.seen.push({ url: request.url, headers: request.headers, mail });
  const answer = state.next.shift() ?? state.byId[mail?.message_id] ?? contract(request, mail);
  if (answer.drop) return void request.socket.destroy();
  return reply(response, answer);
});

// A test may block its own thread for long inside the bridge and must then still find its idle control connection open.
server.keepAliveTimeout = 0;
server.listen(0, '127.0.0.1', () => process.stdout.write(`${/** @type {any} */ (server.address()).port}\n`));

/** @param {http.IncomingMessage} request @param {any} mail */
function contract(request, mail) {
  const refuse = (/** @type {number} */ status, /** @type {string} */ message) => ({ status, body: { success: false, message } });
  if (request.url !== '/api/ingress/gmail') return refuse(404, 'Not found');
  if (request.headers.authorization !== `Bearer ${token}`) return refuse(401, 'Unauthorized');
  if (!mail || typeof mail !== 'object') return refuse(400, 'Invalid JSON payload');
  for (const field of ['sender', 'body']) if (typeof mail[field] !== 'string' || mail[field] === '') return refuse(400, `Missing field: ${field}`);
  const status = state.known.has(mail.message_id) ? 'already_processed' : 'queued';
  if (mail.message_id) state.known.add(mail.message_id);
  return { status: 200, body: { success: true, status } };
}

/** @param {http.ServerResponse} response @param {any} answer */
function reply(response, { status, headers = {}, body }) {
  response.writeHead(status, { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers });
  response.end(body === undefined ? '' : typeof body === 'string' ? body : JSON.stringify(body));
}

/** @param {string} text */
function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
