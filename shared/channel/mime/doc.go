// Package mime reads mail: email/mime takes a raw message (RFC 5322) that a mail
// server posts with HTTP Basic (RFC 7617), and Read serves the providers that
// hand over the raw message in a body of their own.
//
// Structure is ours, leaves are enmime's. enmime doubles its time with each
// level of nesting and keeps every part of a bomb in memory (upstream #110), so
// walk finds the leaves in one pass over the lines, with limits (20 levels,
// 1,000 parts, 256 KiB of header), and only then is one leaf at a time decoded:
// quoted-printable and unknown character sets by enmime, with its repairs. A
// message over a limit is one parked item (mime_depth, mime_parts, mime_header)
// with its raw bytes: refused in milliseconds, never lost.
//
// What else is done here because enmime loses it: file names by RFC 2231 in any
// character set, the bytes of text attachments as they were sent (OpenPart), a
// From with a bare comma in an encoded word, a subject that ends in LF, parts
// that have a name and no disposition, and a declared character set that its
// detector would overrule (Slovenian in ISO-8859-2 looks like many things).
//
// Identity: provider_id is the Message-ID with its angle brackets. Anybody may
// write somebody else's Message-ID into a mail, so the dedupe key is a hash over
// Message-ID, Date, From, Subject and the body: the same mail by two ways is
// one, another content under the same id is another. Without a Message-ID both
// are "sha256:" and the hex digest of the raw bytes.
//
// Media.Part counts the leaves from 1 in the order of the message.
package mime
