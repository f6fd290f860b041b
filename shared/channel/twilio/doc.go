// Package twilio reads the webhooks of Twilio: SMS and MMS, WhatsApp by Twilio,
// and calls (twilio.com/docs: "Webhooks security", "Twilio's request to your
// incoming message webhook URL", "Track the message status of outbound
// messages", "Twilio's request to your application" for voice).
//
// Proof: X-Twilio-Signature is the base64 HMAC-SHA1, under the account's primary
// auth token, of the public URL and, for a form, of every parameter: names
// sorted by bytes, each followed by its value; the values of a repeated name
// sorted, each once. The URL is tried with and without the port. A body that is
// no form is covered by its SHA-256 in the URL's bodySHA256.
//
// The URL is the secret's (url), never what Host or X-Forwarded headers say:
// behind a proxy these are the sender's word. Its path and query stand for
// themselves; a query that the request adds to it (a status callback's own
// parameters, bodySHA256) is signed and taken as received.
//
// The string that Twilio signs forgets how the form was written. So a form has
// to be written as Twilio writes it: every pair with one "=", escapes in upper
// case and only where they are needed. Then no changed byte leaves the string
// the same. What remains is Twilio's own: the same pairs in another order, one
// of two equal pairs, and the border between a name and its value.
//
// A message is the same by MessageSid (else SmsSid), a status by MessageSid and
// MessageStatus, a step of a call by CallSid and SequenceNumber. Twilio tries
// again once and only if it couldn't connect: store first, answer fast, with
// <Response/>. No message has a time; steps of calls have (RFC 2822).
//
// Keys pressed (<Gather>) come without a SequenceNumber: they are the same by
// everything that was sent. Give each question its own query (?step=2), or the
// same key pressed twice in a call counts once.
//
// Our own id of a message comes back in the query of its StatusCallback, under
// OursParameter.
//
// Not exercised against Twilio itself: RCS and Messenger senders (parked), and
// recordings' formats.
package twilio
