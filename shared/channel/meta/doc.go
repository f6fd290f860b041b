// Package meta reads the webhooks of the WhatsApp Business Platform (Cloud API).
//
// Proof: X-Hub-Signature-256 is "sha256=" and the hex HMAC-SHA256 of the raw
// body under the app secret. The endpoint proves itself first: a GET with
// hub.mode=subscribe, hub.verify_token and hub.challenge, which is sent back.
// (developers.facebook.com, Graph API, Webhooks, Getting started.)
//
// A body is a batch on four levels: entry[], changes[], and in a change's value
// messages[], statuses[], message_echoes[]. Contacts go with messages by wa_id
// or user_id, never by position. A user may have a phone number, a
// business-scoped user id (BSUID, since 2026), or both.
//
// Delivery is at least once for up to seven days and in no order. A message is
// the same by its id, a status by id, status and recipient. An edit and a revoke
// have ids of their own.
//
// Message.Line is the phone_number_id; the number as shown is the address of
// our side. Files come as ids (Media.Ref) that the Graph API turns into links
// for some minutes; the id itself lives seven days.
//
// Item.Raw is a whole body that holds the one thing only, so that a parked item
// can be parsed again by a later version.
package meta
