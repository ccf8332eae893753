/**
 * How the predecessor's script behaves, written anew from the facts of its contract: threads that carry one label, one POST
 * for each unread message, five fields, HTTP 200 and nothing else lets go of the thread, messages stay unread.
 */
export const LEGACY_LABEL = 'A_TRANSFERER_WEBHOOK';
const MOST_THREADS = 20;

/** One run. @param {{ GmailApp: any, fetch: (url: string, options: any) => any, log: (text: string) => void, url: string, token: string }} world */
export function legacyRun({ GmailApp, fetch, log, url, token }) {
  const label = GmailApp.getUserLabelByName(LEGACY_LABEL);
  if (!label || !token) return log('legacy: no label or no token');
  for (const thread of label.getThreads(0, MOST_THREADS)) {
    const unread = thread.getMessages().filter((/** @type {any} */ message) => message.isUnread());
    const taken = unread.map((/** @type {any} */ message) => post(fetch, log, url, token, message));
    if (taken.every(Boolean)) thread.removeLabel(label);
  }
}

/** @param {(url: string, options: any) => any} fetch @param {(text: string) => void} log @param {string} url @param {string} token @param {any} message */
function post(fetch, log, url, token, message) {
  const fields = {
    subject: message.getSubject(),
    sender: message.getFrom(),
    date: message.getDate().toISOString(),
    body: message.getBody(),
    snippet: message.getPlainBody().substring(0, 200),
  };
  const headers = { Authorization: `Bearer ${token}`, 'X-Source': 'GoogleAppsScript' };
  try {
    const response = fetch(url, { method: 'post', contentType: 'application/json', headers, payload: JSON.stringify(fields), muteHttpExceptions: true });
    log(`legacy: ${message.getId()} HTTP ${response.getResponseCode()}`);
    return response.getResponseCode() === 200;
  } catch (error) {
    log(`legacy: ${message.getId()} ${error}`);
    return false;
  }
}
