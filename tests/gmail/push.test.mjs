/** The command that other suites call, and the predecessor's client against the same contract. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { says, stage, TOKEN } from './support/stage.mjs';

const { play, seen, url } = stage();
const PUSH = fileURLToPath(new URL('./support/push.mjs', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'push-'));
after(() => rmSync(folder, { recursive: true }));

/** @param {string[]} args @returns {Promise<{ code: number, lines: any[], stderr: string }>} */
function push(...args) {
  return new Promise((resolve) => {
    execFile(process.execPath, [PUSH, ...args], (error, stdout, stderr) => {
      resolve({ code: Number(error?.code ?? 0), lines: stdout.split('\n').filter(Boolean).map((line) => JSON.parse(line)), stderr });
    });
  });
}
const here = () => ['--server', url(), '--token', TOKEN];

/** @param {string} name @param {any} mail */
function file(name, mail) {
  writeFileSync(join(folder, name), JSON.stringify(mail));
  return join(folder, name);
}

test('exit 0 and one line a mail when all ended in Signal/Envoyé', async () => {
  await play({});
  const { code, lines } = await push(...here(), '--count', '3', '--seed', 'a');
  assert.equal(code, 0);
  assert.deepEqual(lines.map(({ label, http, answers }) => ({ label, http, answers })), Array(3).fill({ label: 'Signal/Envoyé', http: [200], answers: ['queued'] }));
  const again = await push(...here(), '--count', '3', '--seed', 'a');
  assert.deepEqual(again.lines.map(({ answers }) => answers), Array(3).fill(['already_processed']), 'the same seed makes the same mails');
  assert.deepEqual(again.lines.map(({ message_id }) => message_id), lines.map(({ message_id }) => message_id));
});

test('mails from files, one or a list, beside made-up ones', async () => {
  await play({});
  const one = file('one.json', { message_id: 'aa01', subject: 'Un', sender: 'x@client.example', date: '2026-01-02T03:04:05Z', body: '<p>un</p>' });
  const two = file('two.json', [{ message_id: 'aa02', subject: 'Deux', body: 'deux' }, { message_id: 'aa03', subject: 'Trois', body: '', plain: 'trois' }]);
  const { code, lines } = await push(...here(), '--mail', one, '--mail', two, '--count', '1');
  assert.equal(code, 0);
  assert.deepEqual(lines.slice(0, 3).map(({ message_id }) => message_id), ['aa01', 'aa02', 'aa03']);
  const { mail } = (await seen()).find((/** @type {any} */ request) => request.mail.message_id === 'aa01');
  assert.deepEqual([mail.subject, mail.sender, mail.date, mail.body, mail.snippet], ['Un', 'x@client.example', '2026-01-02T03:04:05.000Z', '<p>un</p>', 'un']);
});

test('exit 1 when a mail was refused, kept, or the token is wrong', async () => {
  await play({ next: [says(400, 'Missing field: body')] });
  const refused = await push(...here());
  assert.deepEqual([refused.code, refused.lines[0].label, refused.lines[0].http], [1, 'Signal/Refusé', [400]]);
  await play({ next: [says(409, 'Webhook sending disabled')] });
  const kept = await push(...here(), '--count', '2');
  assert.deepEqual([kept.code, ...kept.lines.map(({ label }) => label)], [1, 'Signal', 'Signal']);
  const wrong = await push('--server', url(), '--token', 'wrong');
  assert.deepEqual([wrong.code, wrong.lines[0].label, wrong.lines[0].http], [1, 'Signal', [401]]);
  assert.match(wrong.stderr, /jeton refusé/);
});

test('exit 1 when nothing listens', async () => {
  const { code, lines } = await push('--server', 'http://127.0.0.1:9', '--token', TOKEN);
  assert.deepEqual([code, lines[0].label, lines[0].http], [1, 'Signal', [0, 0]]);
});

test('several runs get over a pause', async () => {
  await play({ next: [says(409)] });
  const { code, lines } = await push(...here(), '--runs', '2');
  assert.deepEqual([code, lines[0].http], [0, [409, 200]]);
});

test('exit 2 on wrong arguments, with nothing on stdout', async () => {
  for (const args of [[], ['--server', url()], [...here(), '--count', 'x'], [...here(), '--nope']]) {
    const { code, lines } = await push(...args);
    assert.deepEqual([code, lines], [2, []]);
  }
});

test('legacy: 200 lets go of the thread, the five fields and its header are sent, messages stay unread', async () => {
  await play({});
  const before = (await seen()).length;
  const { code, lines } = await push(...here(), '--legacy', '--count', '2');
  assert.equal(code, 0);
  assert.deepEqual(lines.map(({ label, http }) => [label, http]), [[null, [200]], [null, [200]]]);
  const [{ headers, mail }] = (await seen()).slice(before);
  assert.deepEqual(Object.keys(mail).sort(), ['body', 'date', 'sender', 'snippet', 'subject']);
  assert.deepEqual([headers['x-source'], headers.authorization], ['GoogleAppsScript', `Bearer ${TOKEN}`]);
});

test('legacy: any other answer keeps the label and the next run sends again, siblings included', async () => {
  const thread = file('thread.json', [
    { message_id: 'bb01', thread_id: 'bb', subject: 'a', body: 'a' },
    { message_id: 'bb02', thread_id: 'bb', subject: 'b', body: 'b' },
    { message_id: 'bb03', thread_id: 'bb', subject: 'read', body: 'read', unread: false },
  ]);
  const ok = { status: 200, body: {} };
  for (const bad of [says(400), says(401), says(409), says(500), says(503), { status: 202, body: { success: true } }, { drop: true }]) {
    await play({ next: [ok, bad] });
    const once = await push(...here(), '--legacy', '--mail', thread);
    assert.deepEqual([once.code, ...once.lines.map(({ label }) => label)], [1, ...Array(3).fill('A_TRANSFERER_WEBHOOK')]);
  }
  await play({ next: [ok, says(409), ok, ok] });
  const twice = await push(...here(), '--legacy', '--mail', thread, '--runs', '2');
  assert.deepEqual([twice.code, ...twice.lines.map(({ http }) => http)], [0, [200, 200], [409, 200], []]);
});
