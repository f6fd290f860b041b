// Package callevent is voice/event: the steps of phone calls from a telephone
// system that speaks no provider's webhook, as a small program beside it
// (Asterisk's REST interface, a SIP exchange) tells them. The body is our own
// (schema.json; contract.md, HTTP); the proof is that of livechat/standard:
// Standard Webhooks with the key webhook_secret.
//
// One body is one step of one leg of a call. Steps may come in any order, late,
// or again: message.Follow makes the state of the call of them. A step is the
// same as another by its leg and seq, or without seq by leg, type and time, so
// its identity doesn't hang on the webhook-id; a leg without an id is the call's
// own. seq counts from 1 within a leg.
//
// From and to are phone numbers with their country code where they can be read
// so, and otherwise what the telephone system wrote; a hidden caller has none
// (anonymous, restricted, unknown, and +266696687, which spells it on a keypad).
package callevent
