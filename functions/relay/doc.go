// Package relay mends what time and crashes leave: events that stayed in the
// outbox, done marks that nobody needs any more, blobs that nobody names, and
// the intake keys of past days. Everything it does may be done twice, by
// several at once, and may be cut off at any point.
package relay
