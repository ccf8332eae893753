/** What a run sends, in which order, and which label each mail ends with. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addMails, allIn, asked, REFUSED, SENT, SIGNAL, stage } from './support/stage.mjs';

const { open, seen } = stage();

test('a mail goes with the five fields of the contract, its ids and the token', async () => {
  const project = await open();
  const plain = `${'é'.repeat(199)}😀 suite`;
  const id = project.mailbox.add({
    message_id: '18c2f0a1b2c3d4e5', thread_id: '18c2f0a1b2c3d000', subject: 'Média Solution - Missions Recadrage - Lot 42',
    sender: 'Technique <technique@client.example>', date: '2026-04-10T09:54:38Z', body: '<p>Bonjour</p>', plain,
  });
  project.script.pump();
  const { url, headers, mail } = (await seen()).at(-1);
  assert.equal(url, '/api/ingress/gmail');
  assert.equal(headers.authorization, 'Bearer T0k-very-secret-9f2c');
  assert.equal(headers['content-type'], 'application/json');
  assert.deepEqual(mail, {
    subject: 'Média Solution - Missions Recadrage - Lot 42', sender: 'Technique <technique@client.example>', date: '2026-04-10T09:54:38.000Z',
    body: '<p>Bonjour</p>', snippet: 'é'.repeat(199), message_id: '18c2f0a1b2c3d4e5', thread_id: '18c2f0a1b2c3d000',
  });
  allIn(project, [id], SENT);
});

test('a redirect is never followed and the answer is read whatever its status', async () => {
  const project = await open();
  addMails(project, 1);
  project.script.pump();
  const { followRedirects, muteHttpExceptions } = project.requests[0].options;
  assert.deepEqual([followRedirects, muteHttpExceptions], [false, true]);
});

test('a read mail is still sent, and stays as read or unread as it was', async () => {
  const project = await open();
  const ids = [...addMails(project, 1, { unread: false }), ...addMails(project, 1, { unread: true })];
  project.script.pump();
  allIn(project, ids, SENT);
  assert.deepEqual(ids.map((id) => project.mailbox.messages.get(id).unread), [false, true]);
});

test('only labelled messages go, not the others of their thread', async () => {
  const project = await open();
  const [wanted] = addMails(project, 1, { thread_id: 'one' });
  const [other] = addMails(project, 1, { thread_id: 'one', labels: [] });
  project.script.pump();
  assert.deepEqual(asked(project), [wanted]);
  allIn(project, [other], []);
});

test('the oldest goes first, over several pages of the list', async () => {
  const project = await open();
  const ids = addMails(project, 1203);
  const times = () => project.clock.pass(0.001);
  project.onFetch = times;
  project.script.pump();
  assert.deepEqual(asked(project), ids);
  allIn(project, ids, SENT);
});

test('a mail that arrives during a run waits for the next one', async () => {
  const project = await open();
  const first = addMails(project, 2);
  /** @type {string[]} */ let late = [];
  project.onFetch = (n) => void (n === 1 && (late = addMails(project, 1)));
  project.script.pump();
  allIn(project, first, SENT);
  allIn(project, late, SIGNAL);
  project.script.pump();
  allIn(project, late, SENT);
});

test('of two triggers at once, one leaves at once and no mail goes twice', async () => {
  const project = await open();
  const ids = addMails(project, 3);
  project.onFetch = (n) => void (n === 2 && project.script.pump());
  project.script.pump();
  assert.deepEqual(asked(project), ids);
  assert.match(project.log.join('\n'), /Un autre passage est en cours/);
  assert.equal(project.locked, false);
});

test('a mail listed again after its label moved is a cheap repeat', async () => {
  const project = await open();
  const ids = addMails(project, 2);
  project.mailbox.late = true;
  project.script.pump();
  allIn(project, ids, SENT);
  project.script.pump();
  assert.deepEqual(asked(project), [...ids, ...ids]);
  allIn(project, ids, SENT);
  project.mailbox.catchUp();
  project.script.pump();
  assert.equal(project.requests.length, 4);
});

test('a mail with an empty HTML body goes with its plain body', async () => {
  const project = await open();
  const ids = [...addMails(project, 1, { body: '', plain: 'texte seul' }), ...addMails(project, 1, { body: '\r\n', plain: 'texte seul' })];
  project.script.pump();
  assert.deepEqual(project.requests.map(({ payload }) => payload.body), ['texte seul', 'texte seul']);
  allIn(project, ids, SENT);
});

test('a mail without any body is refused once and does not poison the queue', async () => {
  const project = await open();
  const [empty] = addMails(project, 1, { body: '', plain: '' });
  const rest = addMails(project, 2);
  project.script.pump();
  project.script.pump();
  allIn(project, [empty], REFUSED);
  allIn(project, rest, SENT);
  assert.equal(project.requests.length, 3);
  assert.match(project.log.join('\n'), new RegExp(`${empty} refusé : HTTP 400, Missing field: body`));
});

test('a draft under the label is not sent', async () => {
  const project = await open();
  const ids = addMails(project, 1, { draft: true });
  project.script.pump();
  assert.equal(project.requests.length, 0);
  allIn(project, ids, REFUSED);
});

test('a refused mail that the user labels again loses Signal/Refusé once taken', async () => {
  const project = await open();
  const ids = addMails(project, 1, { labels: ['Signal', 'Signal/Refusé'] });
  project.script.pump();
  allIn(project, ids, SENT);
});

test('lone surrogates become the replacement character, real emoji stay', async () => {
  const project = await open();
  addMails(project, 1, { subject: 'a\uD83Db😀', body: '<p>\uDE00</p>' });
  project.script.pump();
  const { mail } = (await seen()).at(-1);
  assert.deepEqual([mail.subject, mail.body], ['a\uFFFDb😀', '<p>\uFFFD</p>']);
});

test('a label the user wrote in another case is used, a missing one is made', async () => {
  const project = await open();
  project.mailbox.label('signal');
  const ids = addMails(project, 1, { labels: ['signal'] });
  project.script.pump();
  allIn(project, ids, SENT);
  assert.deepEqual(project.mailbox.labels.map(({ name }) => name), ['signal', 'Signal/Envoyé', 'Signal/Refusé']);
});
