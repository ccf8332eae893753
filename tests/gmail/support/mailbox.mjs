/**
 * A mailbox in memory with the calls the scripts use: the advanced service (`Gmail`) and `GmailApp`.
 * It can be late (`late = true`: lists show the labels of before until `catchUp()`) and poor (`left`: calls before the quota ends).
 */
export class Mailbox {
  late = false;
  left = { reads: Infinity, writes: Infinity };
  used = { reads: 0, writes: 0 };
  /** @type {Map<string, any>} */ messages = new Map();
  /** @type {{ id: string, name: string }[]} */ labels = [];

  /** Adds a mail, newest last. @param {any} mail */
  add({ labels = ['Signal'], ...mail }) {
    const id = mail.message_id ?? (0x18c0000000000000n + BigInt(this.messages.size + 1)).toString(16);
    const ids = new Set(labels.map((/** @type {string} */ name) => this.label(name).id));
    const message = { subject: '', sender: 'A <a@client.example>', date: '2026-04-10T09:54:38.000Z', body: '<p>x</p>', unread: true, draft: false, ...mail, id, threadId: mail.thread_id ?? id };
    this.messages.set(id, { ...message, labels: ids, shown: new Set(ids) });
    return id;
  }

  /** @param {string} name */
  label(name) {
    const found = this.labels.find((label) => label.name.toLowerCase() === name.toLowerCase());
    if (found) return found;
    const made = { id: `Label_${this.labels.length + 1}`, name };
    this.labels.push(made);
    return made;
  }

  /** The names of a message's labels, sorted. @param {string} id */
  labelsOf(id) {
    const { labels } = this.messages.get(id);
    return this.labels.filter((label) => labels.has(label.id)).map((label) => label.name).sort();
  }

  catchUp() {
    for (const message of this.messages.values()) message.shown = new Set(message.labels);
  }

  /** @param {'reads' | 'writes'} kind @param {number} [cost] */
  spend(kind, cost = 1) {
    this.used[kind] += cost;
    this.left[kind] -= cost;
    if (this.left[kind] < 0) throw new Error('Service invoked too many times for one day: gmail.');
  }

  /** The advanced service. */
  get service() {
    return { Users: { Messages: { list: this.#list, batchModify: this.#batchModify }, Labels: { list: this.#labels, create: this.#create, get: this.#count } } };
  }

  /** The plain service, threads included (the predecessor works on threads). */
  get app() {
    return {
      getMessageById: (/** @type {string} */ id) => {
        this.spend('reads');
        const message = this.messages.get(id);
        if (!message) throw new Error('Invalid argument: id');
        return asMessage(message);
      },
      getUserLabelByName: (/** @type {string} */ name) => (this.labels.some((label) => label.name === name) ? this.#threads(this.label(name).id) : null),
    };
  }

  /** @param {string} userId @param {any} options */
  #list = (userId, { labelIds, maxResults = 100, pageToken }) => {
    this.spend('reads');
    if (userId !== 'me' || maxResults > 500) throw new Error('Invalid argument');
    const newestFirst = [...this.messages.values()].filter(({ shown }) => labelIds.every((/** @type {string} */ id) => shown.has(id))).reverse();
    const from = pageToken ? Number(pageToken) : 0;
    const page = newestFirst.slice(from, from + maxResults).map(({ id, threadId }) => ({ id, threadId }));
    const more = from + maxResults < newestFirst.length ? { nextPageToken: String(from + maxResults) } : {};
    return page.length ? { messages: page, ...more } : { resultSizeEstimate: 0 };
  };

  /** @param {any} change @param {string} userId */
  #batchModify = ({ ids, addLabelIds, removeLabelIds }, userId) => {
    this.spend('writes', ids.length);
    const known = [...addLabelIds, ...removeLabelIds].every((id) => this.labels.some((label) => label.id === id));
    if (userId !== 'me' || ids.length === 0 || ids.length > 1000 || !known) throw new Error('Invalid argument');
    for (const message of ids.map((/** @type {string} */ id) => this.messages.get(id)).filter(Boolean)) {
      for (const id of removeLabelIds) message.labels.delete(id);
      for (const id of addLabelIds) message.labels.add(id);
      if (!this.late) message.shown = new Set(message.labels);
    }
  };

  #labels = () => {
    this.spend('reads');
    return { labels: [{ id: 'INBOX', name: 'INBOX' }, ...this.labels] };
  };

  /** @param {{ name: string }} label */
  #create = ({ name }) => {
    this.spend('writes');
    if (this.labels.some((label) => label.name.toLowerCase() === name.toLowerCase())) throw new Error('Label name exists or conflicts');
    return this.label(name);
  };

  /** @param {string} userId @param {string} id */
  #count = (userId, id) => {
    this.spend('reads');
    return { id, messagesTotal: [...this.messages.values()].filter(({ labels }) => labels.has(id)).length };
  };

  /** @param {string} labelId */
  #threads(labelId) {
    const tagged = () => [...this.messages.values()].filter(({ labels }) => labels.has(labelId));
    const inThread = (/** @type {string} */ id) => [...this.messages.values()].filter(({ threadId }) => threadId === id);
    const thread = (/** @type {string} */ id) => ({
      getMessages: () => inThread(id).map(asMessage),
      removeLabel: () => inThread(id).forEach(({ labels, shown }) => [labels, shown].forEach((set) => set.delete(labelId))),
    });
    return { getThreads: (/** @type {number} */ from, /** @type {number} */ most) => [...new Set(tagged().map(({ threadId }) => threadId))].reverse().slice(from, from + most).map(thread) };
  }
}

/** @param {any} mail */
function asMessage(mail) {
  return {
    getId: () => mail.id,
    getSubject: () => mail.subject,
    getFrom: () => mail.sender,
    getDate: () => new Date(mail.date),
    getBody: () => mail.body,
    getPlainBody: () => mail.plain ?? mail.body.replace(/<[^>]*>/g, ''),
    isUnread: () => mail.unread,
    isDraft: () => mail.draft,
  };
}
