// Package standard reads live chat from our own widget and from partners' bots:
// a body of our own (schema.json) under the proof of the Standard Webhooks
// specification (standardwebhooks.com; github.com/standard-webhooks, spec).
//
// Proof: webhook-id, webhook-timestamp (Unix seconds) and webhook-signature, a
// list separated by spaces. An entry "v1," is base64 HMAC-SHA256, an entry
// "v1a," a base64 Ed25519 signature, both over id.timestamp.body; one that
// matches is enough, entries of other versions are passed over. The timestamp
// is at most five minutes from r.At on either side.
//
// Key webhook_secret: "whsec_" and base64 of 24 to 64 bytes; or, for v1a,
// "whpk_" and the base64 public key ("whsk_" and the private one where this
// side signs, as in tests).
//
// Delivery is at least once. The webhook-id names a delivery for good: its
// retries carry the same one, and it is the dedupe key.
package standard
