/** What the user runs by hand, what it prints, and the shape of what is shipped. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { CODE } from './support/google.mjs';
import { addMails, allIn, SENT, says, SIGNAL, stage, TOKEN } from './support/stage.mjs';

const { open, play, url } = stage();
const code = readFileSync(CODE, 'utf8');
const manifest = JSON.parse(readFileSync(new URL('appsscript.json', CODE), 'utf8'));

/** The last thing the script said. @param {any} project */
const said = (project) => project.log.at(-1);

test('installer makes the labels and one trigger, and running it again changes nothing', async () => {
  const project = await open();
  project.triggers.push({ getHandlerFunction: () => 'mine' });
  for (let n = 0; n < 3; n += 1) project.script.installer();
  assert.deepEqual(project.mailbox.labels.map(({ name }) => name), ['Signal', 'Signal/Envoyé', 'Signal/Refusé']);
  assert.deepEqual(project.triggers.map((trigger) => [trigger.getHandlerFunction(), trigger.minutes]), [['mine', undefined], ['pump', 5]]);
});

test('TRIGGER_MINUTES sets the period, and only Google’s periods are accepted', async () => {
  for (const minutes of [1, 5, 10, 15, 30]) {
    const project = await open({}, { TRIGGER_MINUTES: String(minutes) });
    project.script.installer();
    assert.equal(project.triggers[0].minutes, minutes);
  }
  for (const minutes of ['2', '0', '60', '5.5', 'cinq']) {
    const project = await open({}, { TRIGGER_MINUTES: minutes });
    assert.throws(() => project.script.installer(), /TRIGGER_MINUTES doit valoir 1, 5, 10, 15, 30/);
    assert.equal(project.triggers.length, 0);
  }
});

for (const [name, settings, problem] of /** @type {const} */ ([
  ['no address', { SERVER_URL: '' }, /SERVER_URL manque/],
  ['no token', { PROCESS_API_TOKEN: '  ' }, /PROCESS_API_TOKEN manque/],
  ['plain http', { SERVER_URL: 'http://signal.example' }, /SERVER_URL doit être une adresse https/],
  ['a name that only starts like loopback', { SERVER_URL: 'http://localhost.evil.example' }, /SERVER_URL doit être/],
  ['a user in the address', { SERVER_URL: 'https://user:pass@signal.example' }, /SERVER_URL doit être/],
  ['a query', { SERVER_URL: 'https://signal.example/?a=1' }, /SERVER_URL doit être/],
])) {
  test(`with ${name} nothing is installed and nothing is sent`, async () => {
    const project = await open({}, settings);
    const ids = addMails(project, 1);
    assert.throws(() => project.script.installer(), problem);
    assert.throws(() => project.script.pump(), problem);
    assert.deepEqual([project.triggers.length, project.requests.length, project.locked], [0, 0, false]);
    allIn(project, ids, SIGNAL);
  });
}

test('the address may be typed with a final slash or with the whole ingress path', async () => {
  for (const end of ['', '/', '//', '/api/ingress/gmail', '/api/ingress/gmail/']) {
    const project = await open({}, { SERVER_URL: ` ${url()}${end} ` });
    addMails(project, 1);
    project.script.pump();
    assert.equal(project.requests[0].url, `${url()}/api/ingress/gmail`);
  }
});

test('pause stops the trigger and runs by hand until installer', async () => {
  const project = await open();
  project.script.installer();
  const probes = project.requests.length;
  const ids = addMails(project, 1);
  project.script.pause();
  project.script.pump();
  assert.deepEqual([project.triggers.length, project.requests.length], [0, probes]);
  allIn(project, ids, SIGNAL);
  project.script.installer();
  project.script.pump();
  allIn(project, ids, SENT);
});

test('pause stops the trigger even when the property store is full', async () => {
  const project = await open();
  project.script.installer();
  project.properties.full = true;
  project.script.pause();
  assert.equal(project.triggers.length, 0);
});

test('the diagnostic of a working installation', async () => {
  const project = await open();
  addMails(project, 1);
  project.script.installer();
  project.script.pump();
  addMails(project, 3);
  const labels = [...project.mailbox.messages.values()].map(({ labels }) => [...labels].join());
  project.script.diagnostic();
  assert.equal(said(project), [
    'Render Signal : diagnostic du 10/04/2026 12:00:00',
    `Réglages : complets (${url()}/api/ingress/gmail, jeton présent, toutes les 5 min)`,
    'Serveur : joignable',
    'Jeton : accepté',
    'Libellé Signal : 3 mail(s)',
    'Libellé Signal/Envoyé : 1 mail(s)',
    'Libellé Signal/Refusé : 0 mail(s)',
    'Déclencheur : installé',
    'Attente : aucune, 0 mail(s) au repos après un échec',
    'Dernier passage : 10/04/2026 12:00:00, 1 envoyé(s), 0 refusé(s), 0 gardé(s)',
  ].join('\n'));
  assert.deepEqual([...project.mailbox.messages.values()].map(({ labels: now }) => [...now].join()), labels, 'it moves nothing');
});

test('the diagnostic of an empty project says what to do', async () => {
  const project = await open({}, { SERVER_URL: '', PROCESS_API_TOKEN: '' });
  project.script.diagnostic();
  for (const line of [/Réglages : SERVER_URL manque ; PROCESS_API_TOKEN manque/, /Serveur : non essayé/, /Libellé Signal : absent \(lancez installer\)/, /Déclencheur : absent/, /Dernier passage : aucun/]) assert.match(said(project), line);
});

test('the diagnostic tells a wrong token, a wrong address and a silent server apart', async () => {
  const wrong = await open({}, { PROCESS_API_TOKEN: 'autre' });
  wrong.script.diagnostic();
  assert.match(said(wrong), /Serveur : joignable\nJeton : refusé/);
  const project = await open();
  for (const [answer, expected] of /** @type {[any, RegExp][]} */ ([
    [says(404), /Serveur : joignable mais réponse inattendue, HTTP 404, adresse inconnue.*\nJeton : inconnu/],
    [{ status: 200, body: 'hello' }, /réponse inattendue, HTTP 200, réponse étrangère.*\nJeton : inconnu/],
    [says(503, 'Service unavailable'), /réponse inattendue, HTTP 503, Service unavailable\nJeton : inconnu/],
    [{ drop: true }, /Serveur : serveur injoignable, .*\nJeton : inconnu/],
  ])) {
    await play({ next: [answer] });
    project.script.diagnostic();
    assert.match(said(project), expected);
  }
});

test('the diagnostic shows a cool-down, resting mails, a pause and a missing Gmail service', async () => {
  const project = await open({ next: [says(500), says(500), says(503, 'Service unavailable', { 'retry-after': '600' })] });
  addMails(project, 3);
  project.script.installer();
  await play({ next: [says(500), says(500), says(503, 'Service unavailable', { 'retry-after': '600' })] });
  project.script.pump();
  project.script.pause();
  delete project.script.Gmail;
  project.script.diagnostic();
  for (const line of [/Attente : rien ne part avant 10\/04\/2026 12:10:0\d, 2 mail\(s\) au repos/, /Déclencheur : en pause/, /Gmail : le service avancé/, /arrêt : HTTP 503, Service unavailable/]) assert.match(said(project), line);
});

test('without the advanced service a run says which switch is missing', async () => {
  const project = await open();
  delete project.script.Gmail;
  assert.throws(() => project.script.pump(), /service avancé « Gmail API » n’est pas activé/);
  assert.throws(() => project.script.installer(), /service avancé/);
});

test('no token, subject, sender or body is ever logged, whatever happens', async () => {
  const mail = { subject: 'SUJET-PRIVE', sender: 'Prive <prive@client.example>', body: '<p>CORPS-PRIVE</p>' };
  const echo = (/** @type {number} */ status) => says(status, `you said Bearer ${TOKEN}`);
  const project = await open({}, {});
  for (const answer of [...[200, 301, 400, 401, 403, 404, 409, 413, 429, 500, 503].map(echo), { drop: true }, { status: 200 }]) {
    await play({ next: [answer, answer] });
    addMails(project, 1, mail);
    try { project.script.pump(); } catch (error) { project.log.push(String(error)); }
    project.script.diagnostic();
    project.properties.deleteProperty('STATE');
  }
  project.onFetch = () => {
    throw new Error(`Attribute provided with invalid value: Header:Bearer ${TOKEN}`);
  };
  project.script.pump();
  project.script.diagnostic();
  const everything = project.log.join('\n') + project.properties.getProperty('STATE') + project.properties.getProperty('WAITS');
  assert.ok(everything.includes('***'), 'the token was met and hidden');
  for (const secret of [TOKEN, 'SUJET-PRIVE', 'prive@client', 'CORPS-PRIVE']) assert.ok(!everything.includes(secret), secret);
});

test('the shipped file: one paste, checked by TypeScript, four functions to run', () => {
  assert.ok(code.split('\n').length <= 301, 'at most 300 lines');
  assert.ok(code.startsWith('// @ts-check'));
  const names = [...code.matchAll(/^function (\w+)/gm)].map(([, name]) => name);
  assert.deepEqual(names.filter((name) => !name.endsWith('_')), ['installer', 'pump', 'pause', 'diagnostic']);
});

test('the manifest asks for what the script uses and nothing more', () => {
  assert.equal(manifest.runtimeVersion, 'V8');
  assert.equal(manifest.timeZone, 'Europe/Paris');
  assert.deepEqual(manifest.dependencies.enabledAdvancedServices, [{ userSymbol: 'Gmail', serviceId: 'gmail', version: 'v1' }]);
  assert.deepEqual(manifest.oauthScopes.map((/** @type {string} */ scope) => scope.split('/').at(-1)), ['gmail.modify', 'script.external_request', 'script.scriptapp']);
  for (const prefix of manifest.urlFetchWhitelist) assert.match(prefix, /^https:\/\/[^/]+\/$/);
});
