// @ts-check
/**
 * Render Signal, the Gmail client: one file to paste into Google Apps Script. The guide is docs/gmail.md.
 * The queue is a label on messages: `Signal` waits, `Signal/Envoyé` was taken by the server, `Signal/Refusé` will never be
 * taken as it is. A mail loses `Signal` only after the server's own HTTP 200 or a final refusal, so stopping anywhere loses
 * nothing; at worst a mail goes twice and the server recognises its `message_id`. No subject, sender or token is ever logged.
 * To run by hand: installer, diagnostic, pump, pause. Names that end in `_` are private.
 */
const NAMES = { queue: 'Signal', sent: 'Signal/Envoyé', refused: 'Signal/Refusé' };
const KEYS = { url: 'SERVER_URL', token: 'PROCESS_API_TOKEN', minutes: 'TRIGGER_MINUTES', paused: 'PAUSED', state: 'STATE', waits: 'WAITS' };
const PERIODS = [1, 5, 10, 15, 30]; // minutes: the only ones Google accepts
const RUN_MS = 4 * 60 * 1000; // Google stops a run at 6 minutes; one last slow request must still fit
const TRY = { most: 2, pauseMs: 1000, quickMs: 10 * 1000 }; // a slow try is not repeated: trigger time is 90 minutes a day
const FAILED_MAILS = 3; // in a row: then the server is unwell, not the mails
const WAIT_MS = { first: 30 * 1000, most: 30 * 60 * 1000, asked: 24 * 60 * 60 * 1000 };
const WAITS = { most: 200, forgetMs: 24 * 60 * 60 * 1000 }; // 200 are about 8 kB of the 9 kB one property may hold
const LIST = { page: 500, pages: 10 };
const MOVE_EVERY = 25; // Gmail takes 1,000 ids a call; a killed run should leave few sent mails unmoved
const REFUSALS = [400, 405, 413, 415, 422];
const FAULTS = new Map([[200, 'réponse étrangère à Render Signal, vérifiez SERVER_URL'], [401, 'jeton refusé, vérifiez PROCESS_API_TOKEN'],
  [403, 'accès interdit par le serveur'], [404, 'adresse inconnue, vérifiez SERVER_URL']]);
/** @typedef {{ kind: 'sent' | 'refused' | 'later' | 'unreachable' | 'stop' | 'fault', code: number, note: string, wait: number }} Verdict */
/** @typedef {{ url: string, token: string, minutes: number, paused: boolean, problems: string }} Settings */
/** @typedef {Record<string, [number, number]>} Waits message id to [failed runs, not before (ms)] */
/** @typedef {{ sent: string[], refused: string[], counts: { sent: number, refused: number, kept: number }, stop: string, fault: string, wait: number }} Run */

/** Creates the labels, checks the settings, forgets every cool-down, (re)installs the one trigger. Safe to run again. */
function installer() {
  labels_();
  const settings = settings_();
  if (settings.problems) throw new Error(settings.problems);
  [KEYS.paused, KEYS.state, KEYS.waits].forEach((key) => PropertiesService.getScriptProperties().deleteProperty(key));
  triggers_().forEach((trigger) => ScriptApp.deleteTrigger(trigger));
  ScriptApp.newTrigger('pump').timeBased().everyMinutes(settings.minutes).create();
  diagnostic();
}

/** Sends what waits under `Signal`. The trigger calls it; it can be run by hand. */
function pump() {
  const lock = LockService.getScriptLock();
  if (!lock.tryLock(0)) return Logger.log('Un autre passage est en cours : celui-ci s’arrête.');
  try { run_(); } finally { lock.releaseLock(); }
}

/** Stops everything until `installer` runs again. Mails keep their label. */
function pause() {
  triggers_().forEach((trigger) => ScriptApp.deleteTrigger(trigger));
  remember_(KEYS.paused, true);
  Logger.log('En pause : plus aucun envoi. Lancez installer pour reprendre ; les mails gardent le libellé Signal.');
}

/** Says in French what is set, what answers and what waits. Sends no mail. */
function diagnostic() {
  const settings = settings_();
  const { until, at, last } = state_();
  const resting = Object.values(recall_(KEYS.waits)).filter((wait) => wait[1] > Date.now()).length;
  Logger.log([
    `Render Signal : diagnostic du ${when_(Date.now())}`,
    `Réglages : ${settings.problems || `complets (${settings.url}, jeton présent, toutes les ${settings.minutes} min)`}`,
    ...probe_(settings),
    ...mailbox_(),
    `Déclencheur : ${settings.paused ? 'en pause (lancez installer)' : triggers_().length ? 'installé' : 'absent (lancez installer)'}`,
    `Attente : ${until > Date.now() ? `rien ne part avant ${when_(until)}` : 'aucune'}, ${resting} mail(s) au repos après un échec`,
    `Dernier passage : ${at ? `${when_(at)}, ${last}` : 'aucun'}`,
  ].join('\n'));
}

/** One run, under the lock. What the user must mend ends in an exception, once all is saved: Google then mails the user. */
function run_() {
  const started = Date.now();
  const settings = settings_();
  if (settings.paused) return Logger.log('En pause : lancez installer pour reprendre.');
  if (settings.problems) throw new Error(settings.problems);
  const before = state_();
  if (before.until > started) return Logger.log(`Attente jusqu’à ${when_(before.until)} : ${before.last}`);
  /** @type {Run} */
  const run = { sent: [], refused: [], counts: { sent: 0, refused: 0, kept: 0 }, stop: '', fault: '', wait: 0 };
  const waits = /** @type {Waits} */ (recall_(KEYS.waits));
  try {
    const labels = labels_();
    send_(run, waits, labels, settings, started + RUN_MS);
    move_(run, labels);
  } catch (error) {
    run.stop = run.fault = `Gmail : ${message_(error)}`; // most often a quota; the label stays, so the mails go again
  }
  const progress = !run.fault && run.counts.sent + run.counts.refused > 0;
  const level = run.stop ? (progress ? 0 : before.level) + 1 : 0;
  const last = `${run.counts.sent} envoyé(s), ${run.counts.refused} refusé(s), ${run.counts.kept} gardé(s)${run.stop && ` ; arrêt : ${run.stop}`}`;
  const alive = Object.entries(waits).filter(([, wait]) => wait[1] > started - WAITS.forgetMs).sort(([, a], [, b]) => b[0] - a[0]);
  remember_(KEYS.waits, Object.fromEntries(alive.slice(0, WAITS.most)));
  remember_(KEYS.state, { level, until: run.stop ? Date.now() + backoff_(level, run.wait) : 0, at: started, last });
  Logger.log(last);
  if (run.fault) throw new Error(run.fault);
}

/** Sends what is due until the list, the time or the server's patience ends. @param {Run} run @param {Waits} waits @param {ReturnType<typeof labels_>} labels @param {Settings} settings @param {number} deadline */
function send_(run, waits, labels, settings, deadline) {
  // Oldest first, but a mail that failed goes behind those that did not: a few poisoned mails must not hold the others.
  const failed = (/** @type {{ id: string }} */ mail) => (waits[mail.id] ? waits[mail.id][0] : 0);
  const due = list_(labels.queue).filter(({ id }) => !waits[id] || waits[id][1] <= Date.now()).sort((a, b) => failed(a) - failed(b));
  let failures = 0;
  for (const mail of due) {
    if (Date.now() >= deadline) return Logger.log('Temps de passage écoulé : la suite au prochain.');
    const verdict = deliver_(mail, settings, deadline);
    settle_(run, waits, mail.id, verdict);
    failures = verdict.kind === 'later' ? failures + 1 : 0;
    if (failures === FAILED_MAILS) run.stop = `${failures} échecs de suite, ${verdict.note}`;
    if (run.stop) return;
    if (run.sent.length + run.refused.length >= MOVE_EVERY) move_(run, labels);
  }
}

/** Books one verdict. @param {Run} run @param {Waits} waits @param {string} id @param {Verdict} verdict */
function settle_(run, waits, id, { kind, code, note, wait }) {
  const settled = kind === 'sent' || kind === 'refused';
  run.counts[settled ? kind : 'kept'] += 1;
  if (kind !== 'sent') Logger.log(`Mail ${id} ${settled ? 'refusé' : 'gardé'} : ${note}`);
  if (settled) return void run[kind].push(id);
  if (kind !== 'later') run.stop = note;
  if (kind === 'fault') run.fault = note;
  run.wait = Math.max(run.wait, wait);
  // 409, 429 and faulty settings say nothing about this mail; any other failure may be its doing.
  if (kind === 'fault' || code === 409 || code === 429) return;
  const failed = (waits[id] ? waits[id][0] : 0) + 1;
  waits[id] = [failed, Date.now() + backoff_(failed, wait)];
}

/** Sends one mail, at most twice. @param {{ id: string, threadId: string }} mail @param {Settings} settings @param {number} deadline @returns {Verdict} */
function deliver_(mail, settings, deadline) {
  try {
    const payload = read_(mail.id, mail.threadId);
    if (!payload) return { kind: 'refused', code: 0, note: 'c’est un brouillon', wait: 0 };
    for (let attempt = 1; ; attempt += 1) {
      const began = Date.now();
      const verdict = post_(settings, payload);
      const last = attempt === TRY.most || Date.now() - began > TRY.quickMs || Date.now() + TRY.pauseMs >= deadline;
      if (last || (verdict.kind !== 'later' && verdict.kind !== 'unreachable')) return verdict;
      Utilities.sleep(TRY.pauseMs);
    }
  } catch (error) {
    return { kind: 'later', code: 0, note: `lecture impossible, ${message_(error)}`, wait: 0 };
  }
}

/** The fields of the contract, read by the predecessor's calls so that both agree on a mail's identity; null for a draft. @param {string} id @param {string} threadId */
function read_(id, threadId) {
  const message = GmailApp.getMessageById(id);
  if (!message) throw new Error('mail introuvable');
  if (message.isDraft()) return null;
  const html = message.getBody();
  const plain = message.getPlainBody() || '';
  return {
    subject: message.getSubject(),
    sender: message.getFrom(),
    date: message.getDate().toISOString(),
    body: html && html.trim() ? html : plain || html, // both empty: the server's 400 moves the mail to Signal/Refusé
    snippet: plain.slice(0, 200).replace(/[\uD800-\uDBFF]$/, ''), // never half an emoji
    message_id: id,
    thread_id: threadId,
  };
}

/** One POST and what its answer means. @param {Settings} settings @param {object} payload @returns {Verdict} */
function post_(settings, payload) {
  const clean = (/** @type {string} */ text) => text.split(settings.token).join('***').replace(/\s+/g, ' ').slice(0, 200);
  let response;
  try {
    response = UrlFetchApp.fetch(settings.url, {
      method: 'post',
      contentType: 'application/json',
      headers: { Authorization: `Bearer ${settings.token}` },
      // The server refuses text that is not Unicode: a lone surrogate becomes the replacement character.
      payload: JSON.stringify(payload, (_, value) => (typeof value === 'string' ? value.replace(/\p{Cs}/gu, '\uFFFD') : value)),
      followRedirects: false, // a redirect would carry the token elsewhere and turn the POST into a GET
      muteHttpExceptions: true,
    });
  } catch (error) {
    return { kind: 'unreachable', code: 0, note: `serveur injoignable, ${clean(message_(error))}`, wait: 0 };
  }
  const code = response.getResponseCode();
  const answer = parse_(response.getContentText());
  const wait = retryAfter_(response.getHeaders());
  const foreign = code !== 413 && REFUSALS.includes(code) && answer.success !== false; // some proxy's page says nothing about the mail
  const fault = FAULTS.get(foreign ? 200 : code >= 300 && code < 400 ? 404 : code);
  const verdict = { code, wait, note: clean(`HTTP ${code}, ${[fault, answer.message].filter(Boolean).join(', ') || 'sans message'}`) };
  if (code === 200 && answer.success === true) return { ...verdict, kind: 'sent' }; // only the server's own 200 lets go of a mail
  if (REFUSALS.includes(code) && !fault) return { ...verdict, kind: 'refused' };
  if (fault) return { ...verdict, kind: 'fault' };
  return { ...verdict, kind: code === 409 || code === 429 || wait > 0 ? 'stop' : 'later' };
}

/** Milliseconds the server asks for, 0 when it asks nothing. Header names come in any case. @param {object} headers */
function retryAfter_(headers) {
  const [, header = ''] = Object.entries(headers).find(([name]) => name.toLowerCase() === 'retry-after') || [];
  const value = String(header).trim();
  const asked = /^\d+$/.test(value) ? Number(value) * 1000 : Date.parse(value) - Date.now();
  return asked > 0 ? Math.min(asked, WAIT_MS.asked) : 0;
}

/** Doubling cool-down with jitter, never less than the server asked for. @param {number} level from 1 @param {number} asked */
function backoff_(level, asked) {
  const doubled = WAIT_MS.first * 2 ** Math.min(level - 1, 10) * (0.8 + 0.4 * Math.random());
  return Math.max(Math.round(Math.min(doubled, WAIT_MS.most)), asked);
}

/** Every waiting message, oldest first: Gmail lists the newest first. @param {string} labelId */
function list_(labelId) {
  const mails = new Map();
  for (let page = 0, pageToken; page < LIST.pages && (page === 0 || pageToken); page += 1) {
    const answer = /** @type {any} */ (gmail_().Messages.list('me', { labelIds: [labelId], maxResults: LIST.page, pageToken }));
    for (const mail of answer.messages || []) mails.set(mail.id, mail);
    pageToken = answer.nextPageToken;
  }
  return [...mails.values()].reverse();
}

/** Moves what was settled to its label; what Gmail refuses stays booked for the next call. @param {Run} run @param {ReturnType<typeof labels_>} labels */
function move_(run, { queue, sent, refused }) {
  const moves = [
    { ids: run.sent, addLabelIds: [sent], removeLabelIds: [queue, refused] },
    { ids: run.refused, addLabelIds: [refused], removeLabelIds: [queue] },
  ];
  for (const move of moves.filter(({ ids }) => ids.length)) {
    gmail_().Messages.batchModify(move, 'me');
    move.ids.length = 0;
  }
}

/** The ids of the three labels; a missing one is created. */
function labels_() {
  const [queue, sent, refused] = Object.values(NAMES).map((name) => String((find_(name) || gmail_().Labels.create({ name }, 'me')).id));
  return { queue, sent, refused };
}

/** A label by name; Gmail ignores case there. @param {string} name */
function find_(name) {
  const fold = (/** @type {unknown} */ text) => String(text).normalize('NFC').toLowerCase();
  return (gmail_().Labels.list('me').labels || []).find((label) => fold(label.name) === fold(name));
}

/** The labels as the diagnostic shows them. @returns {string[]} */
function mailbox_() {
  const total = (/** @type {any} */ label) => (label ? `${gmail_().Labels.get('me', label.id).messagesTotal || 0} mail(s)` : 'absent (lancez installer)');
  try {
    return Object.values(NAMES).map((name) => `Libellé ${name} : ${total(find_(name))}`);
  } catch (error) {
    return [`Gmail : ${message_(error)}`];
  }
}

/** Asks the server with an empty mail, which it must refuse: nothing is recorded. @param {Settings} settings @returns {string[]} */
function probe_(settings) {
  if (!settings.url || !settings.token) return ['Serveur : non essayé'];
  const { code, kind, note } = post_(settings, {});
  const server = code === 400 || code === 401 ? 'joignable' : kind === 'unreachable' ? note : `joignable mais réponse inattendue, ${note}`;
  return [`Serveur : ${server}`, `Jeton : ${code === 400 ? 'accepté' : code === 401 ? 'refusé' : 'inconnu'}`];
}

/** @returns {Settings} */
function settings_() {
  const all = PropertiesService.getScriptProperties().getProperties();
  const typed = (all[KEYS.url] || '').trim().replace(/\/+$/, '').replace(/\/api\/ingress\/gmail$/, '');
  const url = /^(https:\/\/[^\s/?#@]+|http:\/\/(localhost|127\.0\.0\.1)(:\d+)?)(\/[^\s?#]*)?$/.test(typed) ? `${typed}/api/ingress/gmail` : '';
  const token = (all[KEYS.token] || '').trim();
  const minutes = Number(all[KEYS.minutes] || 5);
  const problems = [
    url ? '' : typed ? `${KEYS.url} doit être une adresse https://… sans paramètre` : `${KEYS.url} manque`,
    token ? '' : `${KEYS.token} manque`,
    PERIODS.includes(minutes) ? '' : `${KEYS.minutes} doit valoir ${PERIODS.join(', ')}`,
  ].filter(Boolean).join(' ; ');
  return { url, token, minutes, paused: Boolean(all[KEYS.paused]), problems };
}

/** The calls of the advanced service. */
function gmail_() {
  const { Messages, Labels } = (typeof Gmail !== 'undefined' && Gmail.Users) || {};
  if (!Messages || !Labels) throw new Error('le service avancé « Gmail API » n’est pas activé (Services +)');
  return { Messages, Labels };
}

/** A full property store must not stop the mails: it only makes a run forget a cool-down. @param {string} key @param {unknown} value */
function remember_(key, value) {
  try {
    PropertiesService.getScriptProperties().setProperty(key, JSON.stringify(value));
  } catch (error) {
    Logger.log(`Propriété ${key} non enregistrée : ${message_(error)}`);
  }
}

/** @param {string} key */
function recall_(key) { return parse_(PropertiesService.getScriptProperties().getProperty(key) || ''); }
/** @returns {{ level: number, until: number, at: number, last: string }} stopped runs in a row, no run before, last run */
function state_() { return { level: 0, until: 0, at: 0, last: '', ...recall_(KEYS.state) }; }
/** @param {string} text @returns {any} always an object */
function parse_(text) { try { return Object(JSON.parse(text)); } catch { return {}; } }
function triggers_() { return ScriptApp.getProjectTriggers().filter((trigger) => trigger.getHandlerFunction() === 'pump'); }
/** @param {number} ms */
function when_(ms) { return Utilities.formatDate(new Date(ms), Session.getScriptTimeZone(), 'dd/MM/yyyy HH:mm:ss'); }
/** @param {any} error */
function message_(error) { return String((error && error.message) || error); }
