/**
 * Runs the shipped Code.js against a real server, with a mailbox in memory.
 *
 *   node tests/gmail/support/push.mjs --server http://127.0.0.1:8080 --token T [--mail file.json]… [--count N]
 *                                     [--seed S] [--runs N] [--legacy]
 *
 * --mail    a mail or a list of mails: {subject, sender, date, body, plain, message_id, thread_id, unread, draft}
 * --count   made-up mails (default 1 without --mail); the same --seed makes the same mails, else they are new each time
 * --runs    passes of the trigger (default 1), five minutes apart on the script's clock
 * --legacy  the predecessor's behaviour instead of Code.js
 *
 * Prints one JSON line a mail: {"message_id", "label", "http": [statuses], "answers": [status words]}; the script's log goes
 * to stderr. Exit 0: every mail ended in Signal/Envoyé (--legacy: every mail lost its label); 1: not; 2: wrong arguments.
 */
import { createHash, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { openBridge } from './bridge.mjs';
import { openProject } from './google.mjs';
import { LEGACY_LABEL, legacyRun } from './legacy.mjs';
import { Mailbox } from './mailbox.mjs';

const SENT = 'Signal/Envoyé';
const TRIGGER_MS = 5 * 60_000;

const options = readOptions();
const mailbox = new Mailbox();
const ids = mails(options).map((mail) => mailbox.add({ ...mail, labels: [options.legacy ? LEGACY_LABEL : 'Signal'] }));
const { calls, failed } = run(options);
const lines = ids.map(report);
process.stdout.write(lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
process.exitCode = !failed && lines.every(({ label }) => label === (options.legacy ? null : SENT)) ? 0 : 1;

function readOptions() {
  const text = /** @type {const} */ ({ type: 'string' });
  try {
    const { values } = parseArgs({ options: { server: text, token: text, mail: { type: 'string', multiple: true }, count: text, seed: text, runs: text, legacy: { type: 'boolean' } } });
    const number = (/** @type {string | undefined} */ given, /** @type {number} */ otherwise) => {
      if (given !== undefined && !/^\d+$/.test(given)) throw new Error(`not a number: ${given}`);
      return given === undefined ? otherwise : Number(given);
    };
    if (!values.server || !values.token) throw new Error('--server and --token are needed');
    const files = values.mail ?? [];
    return {
      server: values.server.replace(/\/+$/, ''), token: values.token, files, legacy: Boolean(values.legacy), seed: values.seed ?? randomUUID(),
      count: number(values.count, files.length ? 0 : 1), runs: number(values.runs, 1),
    };
  } catch (error) {
    process.stderr.write(`push: ${error instanceof Error ? error.message : error}\n`);
    process.exit(2);
  }
}

/** @param {{ files: string[], count: number, seed: string }} given */
function mails({ files, count, seed }) {
  const read = files.flatMap((file) => JSON.parse(readFileSync(file, 'utf8')));
  const made = Array.from({ length: count }, (_, n) => {
    const message_id = createHash('sha256').update(`${seed}/${n}`).digest('hex').slice(0, 16);
    const body = `<p>Bonjour, à faire pour 18h</p><a href="https://www.dropbox.com/scl/fo/${message_id}/def?rlkey=k1&amp;dl=0">lot</a>`;
    return { message_id, subject: `Média Solution - Missions Recadrage - Lot ${n + 1} (${message_id})`, sender: 'Technique <technique@client.example>', body };
  });
  return [...read, ...made];
}

/** @param {ReturnType<typeof readOptions>} given */
function run({ server, token, legacy, runs }) {
  const bridge = openBridge();
  /** @type {{ id: string | undefined, code: number, answer: string }[]} */
  const calls = [];
  let offset = 0;
  let failed = false;
  const clock = { read: () => Date.now() + offset, sleep: (/** @type {number} */ ms) => void Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms) };
  const fetch = (/** @type {string} */ url, /** @type {any} */ options) => {
    const call = { id: whose(JSON.parse(options.payload)), code: 0, answer: '' };
    calls.push(call);
    const response = bridge.fetch(url, options);
    return Object.assign(call, { code: response.getResponseCode(), answer: word(response.getContentText()) }) && response;
  };
  const log = (/** @type {string} */ text) => void process.stderr.write(`${text}\n`);
  const project = openProject({ fetch, mailbox, clock, settings: { SERVER_URL: server, PROCESS_API_TOKEN: token } });
  for (let n = 0; n < runs; n += 1, offset += TRIGGER_MS) {
    try {
      if (legacy) legacyRun({ GmailApp: mailbox.app, fetch, log, url: `${server}/api/ingress/gmail`, token });
      else project.script.pump();
    } catch (error) {
      failed = n === runs - 1;
      log(String(error));
    }
  }
  project.log.forEach(log);
  void bridge.close();
  return { calls, failed };
}

/** The mail a request carries; the predecessor sends no id. @param {any} fields */
function whose({ message_id, subject, body }) {
  return message_id ?? [...mailbox.messages.values()].find((mail) => mail.subject === subject && mail.body === body)?.id;
}

/** The answer's own word for what happened. @param {string} text */
function word(text) {
  try {
    const { status, message } = JSON.parse(text);
    return String(status ?? message);
  } catch {
    return '';
  }
}

/** @param {string} id */
function report(id) {
  const own = calls.filter((call) => call.id === id);
  const names = mailbox.labelsOf(id);
  // A mail that still waits has not ended, whatever other label it carries.
  const label = ['Signal', LEGACY_LABEL].find((name) => names.includes(name)) ?? names.find((name) => name.startsWith('Signal/')) ?? null;
  return { message_id: id, label, http: own.map(({ code }) => code), answers: own.map(({ answer }) => answer) };
}
