/** What each answer of the server does to a mail, to the run and to the next ones. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addMails, allIn, asked, REFUSED, SENT, says, SIGNAL, stage, TOKEN } from './support/stage.mjs';

const { open, play } = stage();
const MINUTE = 60_000;

/** The cool-down stored for all. @param {any} project */
const restMs = (project) => project.properties.json('STATE').until - project.clock.now;

for (const status of [400, 405, 413, 415, 422]) {
  test(`${status} is final: Signal/Refusé, one request, the rest goes on`, async () => {
    const project = await open({ next: [says(status)] });
    const [bad, good] = addMails(project, 2);
    project.script.pump();
    allIn(project, [bad], REFUSED);
    allIn(project, [good], SENT);
    assert.equal(project.requests.length, 2);
  });
}

for (const status of [400, 405, 415, 422]) {
  test(`${status} from somebody else says nothing about the mail: the label stays`, async () => {
    const project = await open({ next: [{ status, headers: {}, body: { error: 'a proxy' } }] });
    const ids = addMails(project, 2);
    assert.throws(() => project.script.pump(), /réponse étrangère/);
    assert.equal(project.requests.length, 1);
    allIn(project, ids, SIGNAL);
  });
}

test('413 is final whoever says it: the mail is too large for what stands in between', async () => {
  const project = await open({ next: [{ status: 413, headers: {}, body: { error: 'a proxy' } }] });
  const [bad, good] = addMails(project, 2);
  project.script.pump();
  allIn(project, [bad], REFUSED);
  allIn(project, [good], SENT);
});

for (const [status, hint] of /** @type {const} */ ([[401, /jeton refusé/], [403, /accès interdit/], [404, /adresse inconnue/], [301, /adresse inconnue/], [307, /adresse inconnue/]])) {
  test(`${status} stops the run with an error, keeps every label, and rests`, async () => {
    const project = await open({ next: [says(status, 'no', { location: 'https://elsewhere.example/' })] });
    const ids = addMails(project, 3);
    assert.throws(() => project.script.pump(), hint);
    assert.equal(project.requests.length, 1);
    allIn(project, ids, SIGNAL);
    assert.ok(restMs(project) >= 24_000 && restMs(project) <= 36_000);
    assert.equal(project.locked, false);
  });
}

test('a wrong token is a real 401; installer after the repair sends at once', async () => {
  const project = await open({}, { PROCESS_API_TOKEN: 'wrong' });
  const ids = addMails(project, 2);
  assert.throws(() => project.script.pump(), /HTTP 401, jeton refusé/);
  project.properties.setProperty('PROCESS_API_TOKEN', TOKEN);
  project.script.pump();
  assert.equal(project.requests.length, 1, 'still resting');
  project.script.installer();
  project.script.pump();
  allIn(project, ids, SENT);
});

for (const status of [408, 425, 500, 502, 503, 504, 201, 202, 204, 418]) {
  test(`${status} keeps the label, is tried twice, and lets the others pass`, async () => {
    const project = await open();
    const [bad, ...rest] = addMails(project, 3);
    await play({ byId: { [bad]: { status, body: status === 204 ? undefined : { success: true } } } });
    project.script.pump();
    allIn(project, [bad], SIGNAL);
    allIn(project, rest, SENT);
    assert.deepEqual(asked(project), [bad, bad, ...rest]);
    assert.equal(project.properties.json('STATE').until, 0);
  });
}

for (const [status, message] of /** @type {const} */ ([[409, 'Webhook sending disabled'], [409, 'Gmail ingress disabled'], [429, 'Too many requests']])) {
  test(`${status} ${message}: the run stops after one request without blaming the mail`, async () => {
    const project = await open({ next: [says(status, message)] });
    const ids = addMails(project, 3);
    project.script.pump();
    assert.equal(project.requests.length, 1);
    allIn(project, ids, SIGNAL);
    assert.deepEqual(project.properties.json('WAITS'), {});
    project.clock.pass(1);
    project.script.pump();
    assert.deepEqual(asked(project).slice(1), ids, 'still the oldest first');
    allIn(project, ids, SENT);
  });
}

test('a second try that works is a success', async () => {
  const project = await open({ next: [says(500)] });
  const ids = addMails(project, 1);
  const before = project.clock.now;
  project.script.pump();
  allIn(project, ids, SENT);
  assert.ok(project.clock.now - before <= 2000, 'never a long sleep');
});

for (const [name, header, wait] of /** @type {const} */ ([
  ['seconds', '900', 15 * MINUTE],
  ['a date', new Date(Date.parse('2026-04-10T11:00:00Z')).toUTCString(), 60 * MINUTE],
  ['too long', '99999999', 24 * 60 * MINUTE],
])) {
  test(`503 with Retry-After in ${name} is respected`, async () => {
    const project = await open({ next: [says(503, 'Service unavailable', { 'Retry-After': header })] });
    const ids = addMails(project, 2);
    project.script.pump();
    assert.equal(project.requests.length, 1);
    assert.equal(restMs(project), wait);
    project.clock.sleep(wait - 1);
    project.script.pump();
    assert.equal(project.requests.length, 1, 'not a millisecond earlier');
    project.clock.sleep(1);
    project.script.pump();
    allIn(project, ids, SENT);
  });
}

for (const header of ['soon', '-5', '0', '', 'Thu, 01 Jan 1970 00:00:00 GMT']) {
  test(`a Retry-After of «${header}» asks nothing: the mail is tried twice`, async () => {
    const project = await open({ next: [says(503, 'no', { 'Retry-After': header }), says(503, 'no', { 'Retry-After': header })] });
    addMails(project, 1);
    project.script.pump();
    assert.equal(project.requests.length, 2);
  });
}

test('a 200 that is not the server’s own answer keeps the mail and says so', async () => {
  for (const body of ['<html>parking</html>', { success: false }, { ok: true }, 'true', '[]', 'null']) {
    const project = await open({ next: [{ status: 200, body }] });
    const ids = addMails(project, 2);
    assert.throws(() => project.script.pump(), /SERVER_URL/);
    allIn(project, ids, SIGNAL);
  }
});

test('an unreachable server stops the run after two tries of one mail', async () => {
  const project = await open({ next: [{ drop: true }, { drop: true }] });
  const ids = addMails(project, 3);
  project.script.pump();
  assert.deepEqual(asked(project), [ids[0], ids[0]]);
  allIn(project, ids, SIGNAL);
  assert.match(project.properties.json('STATE').last, /serveur injoignable/);
});

test('a slow failure is not repeated in the same run', async () => {
  const project = await open({ next: [{ drop: true }, { drop: true }] });
  addMails(project, 1);
  project.onFetch = () => project.clock.sleep(11_000);
  project.script.pump();
  assert.equal(project.requests.length, 1);
});

test('cool-downs double from 30 s to 30 min while nothing gets through, and one success ends them', async () => {
  const project = await open();
  addMails(project, 1);
  const rests = [];
  for (let n = 0; n < 9; n += 1) {
    await play({ next: [says(409)] });
    project.script.pump();
    rests.push(restMs(project) / 1000);
    project.clock.sleep(restMs(project));
  }
  const expected = [30, 60, 120, 240, 480, 960, 1800, 1800, 1800];
  rests.forEach((rest, n) => assert.ok(rest >= 0.8 * expected[n] && rest <= Math.min(1.2 * expected[n], 1800), `${n}: ${rest}`));
  assert.ok(new Set(rests.slice(0, 6).map((rest, n) => rest / expected[n])).size > 1, 'jitter');
  project.script.pump();
  assert.deepEqual({ ...project.properties.json('STATE'), at: 0, last: '' }, { level: 0, until: 0, at: 0, last: '' });
});
