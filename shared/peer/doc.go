// Package peer exchanges events with other organisations that run an Okence, or
// anything that speaks CloudEvents under Standard Webhooks signatures: the
// second level of another body (K03), a joint controller (K20, K26).
//
// A peer is an environment variable, OKENCE_PEER_<TENANT>_<NAME>, upper case and
// hyphens as "_", as JSON:
//
//	{"url": "https://okence.example.si/peers/body/ekc",   where our events go
//	 "secrets": ["whsec_…"],                              the first signs, any proves; two while one is rotated
//	 "accepts": ["org.okence.ticket.escalation.answered.v1"]}   what the peer may send us
//
// Secrets are as in the Standard Webhooks specification: "whsec_" and base64 of
// 24 to 64 bytes (both sides hold it).
//
// Out: Queue seals the event as a sending within the caller's unit;
// functions/delivery posts it in the JSON event format, signed anew for each try
// with the event's id as webhook-id, until the peer answers 2xx. What it answers
// 4xx to (but 408, 409, 425, 429) can't succeed and becomes a dead letter; anything
// else is tried for exchange.GiveUp. A try that a crash makes twice is harmless:
// the receiver takes an event once.
//
// In: functions/peer answers POST /peers/{tenant}/{peer}.
package peer
