/** What every test file needs: one server, one bridge, a fresh project a test. */
import assert from 'node:assert/strict';
import { after, before } from 'node:test';
import { openBridge } from './bridge.mjs';
import { openProject } from './google.mjs';
import { startServer } from './scripted.mjs';

export const TOKEN = 'T0k-very-secret-9f2c';
export const SIGNAL = ['Signal'];
export const SENT = ['Signal/Envoyé'];
export const REFUSED = ['Signal/Refusé'];

/** Registers the hooks of the calling file. */
export function stage() {
  /** @type {any} */ let server;
  /** @type {any} */ let bridge;
  before(async () => {
    server = await startServer(TOKEN);
    bridge = openBridge();
  });
  after(async () => {
    await bridge.close();
    await server.stop();
  });
  return {
    url: () => server.url,
    seen: () => server.seen(),
    /** A project whose server plays `answers`. @param {any} [answers] @param {Record<string, string>} [settings] */
    open: async (answers = {}, settings = {}) => {
      await server.play(answers);
      return openProject({ fetch: bridge.fetch, settings: { SERVER_URL: server.url, PROCESS_API_TOKEN: TOKEN, ...settings } });
    },
    play: (/** @type {any} */ answers) => server.play(answers),
  };
}

/** Adds `count` mails, oldest first, and gives their ids. @param {any} project @param {number} count @param {any} [mail] */
export function addMails(project, count, mail = {}) {
  const tag = Math.random().toString(16).slice(2, 10).padEnd(8, '0');
  return Array.from({ length: count }, (_, n) => project.mailbox.add({ ...mail, message_id: tag + String(n + 1).padStart(8, '0') }));
}

/** Asserts where every mail ended. @param {any} project @param {string[]} ids @param {string[]} labels */
export function allIn(project, ids, labels) {
  for (const id of ids) assert.deepEqual(project.mailbox.labelsOf(id), labels, id);
}

/** The message ids of the requests made, in order. @param {any} project @returns {string[]} */
export function asked(project) {
  return project.requests.map((/** @type {any} */ request) => request.payload.message_id);
}

/** An answer of the server. @param {number} status @param {string} [message] @param {Record<string, string>} [headers] */
export function says(status, message = 'no', headers = {}) {
  return { status, headers, body: { success: false, message } };
}
