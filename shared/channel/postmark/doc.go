// Package postmark is email/postmark: mail that Postmark received for us, and
// what became of mail that it sent.
//
// Pages: postmarkapp.com/developer/webhooks (inbound, bounce, delivery, open
// tracking, spam complaint, subscription change) and user-guide/inbound.
//
// Postmark signs nothing: Basic credentials in the webhook's URL and TLS are
// the proof. Every body is one JSON object; RecordType tells events about sent
// mail apart, and a received mail has none. Where RawEmail is switched on (it
// should be: only then do we hold the mail as it was sent), the raw mail is
// what is read and kept, and the JSON adds what isn't in it: the envelope's
// recipient and Postmark's own id.
//
// MessageID is Postmark's own and not always a well-formed UUID; the RFC
// Message-ID stands among Headers. Of several Return-Path headers the first is
// Postmark's, the rest are the sender's word. There is no time of receipt:
// Date is the sender's. The dashboard's Check button sends attachments with
// Data where real mail has Content.
//
// Postmark tries ten times within about ten and a half hours; 403 ends it.
package postmark
