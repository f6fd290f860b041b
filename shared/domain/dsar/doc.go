// Package dsar is a data-subject request: what a person asks, where the request
// stands, who answers it, how sure we are who asks, and by when the answer is due.
//
//	right.go     rights, scopes, outcomes
//	request.go   the request, its items (one for each right and scope), its states
//	receive.go   receipts, recognition in a message, representatives
//	clock.go     one month, suspension, extension (GDPR art. 12(3))
//	route.go     who answers: the five cases of rule K20, hand-over between controllers
//	identity.go  what is known of who asks: links with evidence, one-time codes
//	decide.go    decisions, advice, refusals, complaints
//	erasing.go   a granted erasure, from its letter to the last record
//
// A request is decided by a named officer, item by item; the data protection
// officer advises and is never the decider in the same case (GDPR art. 38(6)).
// What a granted item asks for, others carry out; what they report closes it.
//
// Pure: values in, values out, no clock and no I/O. Instants are UTC.
package dsar
