// Package chatwoot is livechat/chatwoot: what visitors write in a live chat run
// by Chatwoot, by its account and inbox webhooks.
//
// Pages: chatwoot.com/hc/user-guide "How to use webhooks"; chatwoot/docs,
// webhook-events; signatures since chatwoot/chatwoot pull request 13573.
//
// Proof: X-Chatwoot-Signature, "sha256=" and hex HMAC-SHA256 with
// webhook_secret over timestamp.body, the timestamp being X-Chatwoot-Timestamp
// in Unix seconds, at most five minutes from r.At on either side. For an inbox
// of type API that secret is not the one that its API shows (issue 13809).
//
// Identity: X-Chatwoot-Delivery is the same on retries, but it is not signed,
// and an account's webhook and an inbox's tell the same message under two of
// them. So a new message goes by its own id, and every other event, which has
// none, by its bytes.
//
// A visitor's message has message_type incoming (0 in nested ones), a contact
// as sender, and isn't private. Outgoing ones are what we or an agent in
// Chatwoot wrote: copies, of which ours are known by their id. A visitor's mail
// address is a claim typed into a form: it goes along as a second id.
//
// Chatwoot waits five seconds for the answer.
package chatwoot
