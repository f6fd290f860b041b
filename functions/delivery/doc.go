// Package delivery sends what was written to people, through the providers' own
// send APIs (channel.Sender), and notes what became of it.
//
// Nothing can make a call to somebody else's server part of our commit. So there
// are three steps, and each says what a crash after it costs:
//
//	claim.go   our own commit: the message is "sending" under an attempt's id
//	send.go    the call, once, outside any unit of work
//	record.go  our own commit: the provider's id, and how it ended
//
// Before the claim is committed, a crash costs nothing: the event comes again.
// After it, nobody knows whether the call was made: when message.CallLife is
// over the message is "unknown", and is not sent again by itself. What the
// provider tells later (a status that carries our id, an answer to our
// Message-ID) says that it went after all.
//
//	due.go     by time, what is to be tried again, and what was lost
package delivery
