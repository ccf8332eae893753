/** Time, quotas, storage and poisoned mails: a run that cannot finish loses nothing and holds nobody up. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addMails, allIn, asked, REFUSED, SENT, says, SIGNAL, stage } from './support/stage.mjs';

const { open, play } = stage();

test('time budget hit at item 7: six are moved, the rest goes next time', async () => {
  const project = await open();
  const ids = addMails(project, 9);
  project.onFetch = () => project.clock.sleep(40_000);
  project.script.pump();
  assert.deepEqual(asked(project), ids.slice(0, 6));
  allIn(project, ids.slice(0, 6), SENT);
  allIn(project, ids.slice(6), SIGNAL);
  project.onFetch = () => {};
  project.script.pump();
  allIn(project, ids, SENT);
});

test('no second try starts past the time budget', async () => {
  const project = await open({ next: [says(500), says(500)] });
  addMails(project, 1);
  project.onFetch = () => project.clock.sleep(9_000);
  const list = project.script.list_;
  project.script.list_ = (/** @type {string} */ id) => (project.clock.sleep(231_000), list(id));
  project.script.pump();
  assert.equal(project.requests.length, 1);
});

test('a Gmail read quota that ends mid-run: what was sent is moved, the rest keeps its label', async () => {
  const project = await open();
  const ids = addMails(project, 8);
  project.mailbox.left.reads = 3 + 1 + 4; // labels, list, four mails
  project.script.pump();
  allIn(project, ids.slice(0, 4), SENT);
  allIn(project, ids.slice(4), SIGNAL);
  assert.equal(project.requests.length, 4);
  assert.match(project.properties.json('STATE').last, /arrêt : 3 échecs de suite, lecture impossible, .*too many times/);
});

test('a Gmail write quota that ends mid-run: an error for the user, a growing rest, no mail lost, cheap repeats later', async () => {
  const project = await open();
  const ids = addMails(project, 30);
  project.mailbox.left.writes = 2 + 25; // two labels to make, one batch
  assert.throws(() => project.script.pump(), /Gmail : Service invoked too many times/);
  allIn(project, ids.slice(0, 25), SENT);
  allIn(project, ids.slice(25), SIGNAL);
  assert.equal(project.properties.json('STATE').level, 1);
  project.clock.pass(5);
  assert.throws(() => project.script.pump(), /Gmail/);
  assert.equal(project.properties.json('STATE').level, 2, 'sent but not moved is no progress');
  project.mailbox.left.writes = Infinity;
  project.clock.pass(5);
  project.script.pump();
  allIn(project, ids, SENT);
  assert.equal(project.locked, false);
});

test('a fetch quota looks like an unreachable server: two calls, then rest', async () => {
  const project = await open();
  const ids = addMails(project, 5);
  project.onFetch = (n) => {
    if (n > 2) throw new Error('Service invoked too many times for one day: urlfetch.');
  };
  project.script.pump();
  allIn(project, ids.slice(0, 2), SENT);
  allIn(project, ids.slice(2), SIGNAL);
  assert.equal(project.requests.length, 4);
  project.script.pump();
  assert.equal(project.requests.length, 4);
});

test('a full property store: mails go all the same, only the cool-down is forgotten', async () => {
  const project = await open({ next: [says(500), says(500)] });
  const ids = addMails(project, 3);
  project.properties.full = true;
  project.script.pump();
  allIn(project, ids.slice(1), SENT);
  assert.match(project.log.join('\n'), /STATE non enregistrée : You have exceeded/);
  project.script.pump();
  allIn(project, ids, SENT);
});

test('damaged memory is forgotten, not fatal', async () => {
  const project = await open({}, { STATE: '{"level":', WAITS: 'null' });
  const ids = addMails(project, 1);
  project.script.pump();
  allIn(project, ids, SENT);
});

test('three failures in a row stop the run; the mails that failed then let the others pass', async () => {
  const project = await open();
  const bad = addMails(project, 7);
  const good = addMails(project, 3);
  await play({ byId: Object.fromEntries(bad.map((id) => [id, says(500)])) });
  for (let n = 0; n < 3; n += 1) {
    project.script.pump();
    project.clock.pass(5);
  }
  allIn(project, bad, SIGNAL);
  allIn(project, good, SENT);
});

test('failures between successes are the mails’ own: the run goes on', async () => {
  const project = await open();
  const ids = addMails(project, 10);
  const bad = ids.filter((_, n) => n % 2 === 0);
  await play({ byId: Object.fromEntries(bad.map((id) => [id, says(500)])) });
  project.script.pump();
  allIn(project, bad, SIGNAL);
  allIn(project, ids.filter((id) => !bad.includes(id)), SENT);
  assert.equal(project.properties.json('STATE').until, 0);
});

test('a mail that failed rests on its own account while others go', async () => {
  const project = await open();
  const [bad] = addMails(project, 1);
  await play({ byId: { [bad]: says(500) } });
  project.script.pump();
  project.clock.sleep(20_000);
  const good = addMails(project, 1);
  project.script.pump();
  assert.deepEqual(asked(project), [bad, bad, ...good], 'resting');
  project.clock.sleep(20_000);
  project.script.pump();
  assert.deepEqual(asked(project), [bad, bad, ...good, bad, bad], 'rested');
});

test('many poisoned mails never starve new ones, and are still tried at times', async () => {
  const project = await open();
  const bad = addMails(project, 60);
  await play({ byId: Object.fromEntries(bad.map((id) => [id, says(500)])) });
  for (let n = 0; n < 200; n += 1) {
    project.script.pump();
    project.clock.pass(5);
  }
  const before = project.requests.length;
  const good = addMails(project, 5);
  for (let n = 0; n < 8; n += 1) {
    project.script.pump();
    project.clock.pass(5);
  }
  allIn(project, good, SENT);
  assert.ok(project.requests.length > before + 5, 'the poisoned ones are tried again');
  assert.ok(project.properties.values.get('WAITS').length < 9 * 1024);
});

test('at most 200 cool-downs are kept, under the 9 kB of one property', async () => {
  const waits = Object.fromEntries(Array.from({ length: 300 }, (_, n) => [(0x18c0000000000000n + BigInt(n)).toString(16), [n + 1, 1_775_820_000_000]]));
  const project = await open({}, { WAITS: JSON.stringify(waits) });
  project.script.pump();
  const kept = project.properties.json('WAITS');
  assert.equal(Object.keys(kept).length, 200);
  assert.equal(Math.min(...Object.values(kept).map(([failed]) => failed)), 101, 'the worst are remembered');
});

test('a cool-down nobody needed for a day is forgotten', async () => {
  const project = await open({ next: [says(500), says(500)] });
  addMails(project, 1);
  project.script.pump();
  assert.equal(Object.keys(project.properties.json('WAITS')).length, 1);
  project.script.pump();
  project.mailbox.messages.clear();
  project.clock.pass(25 * 60);
  project.script.pump();
  assert.deepEqual(project.properties.json('WAITS'), {});
});

test('a mail that vanished between list and read is kept aside, the others go', async () => {
  const project = await open({});
  const [gone, ...rest] = addMails(project, 3);
  const { getMessageById } = project.script.GmailApp;
  project.script.GmailApp.getMessageById = (/** @type {string} */ id) => (id === gone ? null : getMessageById(id));
  project.script.pump();
  allIn(project, rest, SENT);
  assert.match(project.log.join('\n'), /mail introuvable/);
});

test('accepted mails are moved every 25, so that a killed run leaves few behind', async () => {
  const project = await open();
  const ids = addMails(project, 40);
  /** @type {string[][]} */ const moved = [];
  project.onFetch = (n) => void (n === 27 && moved.push(ids.filter((id) => project.mailbox.labelsOf(id)[0] === SENT[0])));
  project.script.pump();
  assert.equal(moved[0].length, 25);
});

test('sent and refused are moved in one run', async () => {
  const project = await open();
  const ids = addMails(project, 4);
  await play({ byId: { [ids[1]]: says(413), [ids[3]]: says(422) } });
  project.script.pump();
  allIn(project, [ids[0], ids[2]], SENT);
  allIn(project, [ids[1], ids[3]], REFUSED);
});
