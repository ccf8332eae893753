// Mails for a load: all of one length, no two alike.

import { randomBytes } from "node:crypto";

/** The characters that a message id and a subject's number take in every mail. */
export const ID_LENGTH = 16;

/**
 * @param {number} count @param {number} bytes of the body
 * @returns {{ message_id: string, subject: string, json: Buffer }[]}
 */
export function mails(count, bytes) {
  return Array.from({ length: count }, () => {
    const message_id = randomBytes(ID_LENGTH / 2).toString("hex");
    const subject = `Mesure ${message_id}`;
    const body = "<p>Bonjour, voici le texte d'un message ordinaire.</p>\n".repeat(Math.ceil(bytes / 55)).slice(0, bytes);
    const mail = { message_id, subject, sender: "Mesure <mesure@client.example>", date: "2026-04-10T09:54:38.000Z", body };
    return { message_id, subject, json: Buffer.from(JSON.stringify(mail)) };
  });
}
