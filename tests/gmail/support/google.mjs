/** What Apps Script gives to a script besides Gmail, and the shipped Code.js loaded into it. */
import { readFileSync } from 'node:fs';
import vm from 'node:vm';
import { Mailbox } from './mailbox.mjs';

export const CODE = new URL('../../../scripts/gmail/Code.js', import.meta.url);
const MINUTES = [1, 5, 10, 15, 30];

/** Script Properties with Google's two limits. `full = true` refuses every write. */
export class Properties {
  full = false;
  /** @param {Record<string, string>} values */
  constructor(values) {
    this.values = new Map(Object.entries(values));
  }
  getProperty = (/** @type {string} */ key) => this.values.get(key) ?? null;
  getProperties = () => Object.fromEntries(this.values);
  deleteProperty = (/** @type {string} */ key) => void this.values.delete(key);
  setProperty = (/** @type {string} */ key, /** @type {string} */ value) => {
    const rest = [...this.values].filter(([name]) => name !== key).reduce((sum, [name, text]) => sum + name.length + Buffer.byteLength(text), 0);
    if (this.full || Buffer.byteLength(value) > 9 * 1024 || rest + Buffer.byteLength(value) > 500 * 1024) throw new Error('You have exceeded the property storage quota.');
    this.values.set(key, value);
  };
  /** A stored document. @param {string} key */
  json(key) {
    return JSON.parse(this.values.get(key) ?? 'null');
  }
}

/** A clock that moves only when told to. */
export class Clock {
  now = Date.parse('2026-04-10T10:00:00.000Z');
  read = () => this.now;
  sleep = (/** @type {number} */ ms) => void (this.now += ms);
  pass = (/** @type {number} */ minutes) => void (this.now += minutes * 60_000);
}

/**
 * One script project of one mailbox.
 * `onFetch(n, payload)` runs before the n-th request (from 1): to pass time, add a mail, start a second run.
 * @param {{ fetch: (url: string, options: any) => any, settings?: Record<string, string>, mailbox?: Mailbox, clock?: any }} options
 */
export function openProject({ fetch, settings = {}, mailbox = new Mailbox(), clock = new Clock() }) {
  const project = {
    mailbox,
    clock,
    properties: new Properties(settings),
    /** @type {string[]} */ log: [],
    /** @type {any[]} */ triggers: [],
    /** @type {any[]} */ requests: [],
    locked: false,
    onFetch: (/** @type {number} */ _n, /** @type {any} */ _payload) => {},
    /** @type {any} */ script: {},
  };
  project.script = vm.createContext(globals(project, fetch));
  vm.runInContext(readFileSync(CODE, 'utf8'), project.script, { filename: 'Code.js' });
  return project;
}

/** @param {any} project @param {(url: string, options: any) => any} fetch */
function globals(project, fetch) {
  const { clock, mailbox, properties } = project;
  class ScriptDate extends Date {
    /** @param {any[]} args */
    constructor(...args) {
      super(...(args.length ? args : [clock.read()]));
    }
    static now = () => clock.read();
  }
  const lock = () => {
    let mine = false;
    return {
      tryLock: (/** @type {number} */ _ms) => (project.locked ? false : (project.locked = mine = true)),
      releaseLock: () => void (mine && (project.locked = mine = false)),
    };
  };
  return {
    Date: ScriptDate,
    Gmail: mailbox.service,
    GmailApp: mailbox.app,
    PropertiesService: { getScriptProperties: () => properties },
    LockService: { getScriptLock: lock },
    Logger: { log: (/** @type {string} */ text) => void project.log.push(String(text)) },
    Session: { getScriptTimeZone: () => 'Europe/Paris' },
    Utilities: { sleep: clock.sleep, formatDate },
    ScriptApp: triggerService(project),
    UrlFetchApp: {
      fetch: (/** @type {string} */ url, /** @type {any} */ options) => {
        const payload = JSON.parse(options.payload);
        project.requests.push({ url, options, payload });
        project.onFetch(project.requests.length, payload);
        return fetch(url, options);
      },
    },
  };
}

/** @param {any} project */
function triggerService(project) {
  const make = (/** @type {string} */ handler) => ({
    timeBased: () => ({
      everyMinutes: (/** @type {number} */ minutes) => {
        if (!MINUTES.includes(minutes)) throw new Error('everyMinutes: invalid value');
        return { create: () => void project.triggers.push({ handler, minutes, getHandlerFunction: () => handler }) };
      },
    }),
  });
  const remove = (/** @type {any} */ trigger) => void (project.triggers = project.triggers.filter((/** @type {any} */ other) => other !== trigger));
  return { newTrigger: make, deleteTrigger: remove, getProjectTriggers: () => [...project.triggers] };
}

/** @param {Date} date @param {string} timeZone */
function formatDate(date, timeZone) {
  return new Intl.DateTimeFormat('fr-FR', { timeZone, dateStyle: 'short', timeStyle: 'medium' }).format(date);
}
