// Package inbound turns what providers delivered into messages that stand in
// conversations with contacts.
//
// No order of delivery is assumed: an edit may come before the message, a
// status before the send's answer. What is about something that is not there
// yet waits under its target (message.Waiting) and is applied when that comes.
//
//	received.go  the event: opens the intake, picks the path by kind
//	store.go     a message: contact, conversation, files
//	thread.go    which conversation it belongs to
//	change.go    edits, deletions, reactions, statuses, calls
//	greet.go     the first answer to a contact on a channel
//	away.go      the answer outside service hours
//	desk.go      tickets that go on, or are opened by the pack's rules
//	rights.go    data-subject requests that a message seems to hold
//	media.go     fetching files from providers
package inbound
