// Package message is what people and the contact centre say to each other,
// whatever the channel: the common inbound form, the stored message, and the
// rules of both (states never go back, an edit keeps the original, quoted
// history is a view).
//
// Pure: values in, values out, no clock and no I/O.
package message
