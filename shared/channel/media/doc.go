// Package media gets the files that came with a message: from the link in a
// provider's webhook, past everything that such a link could be made to do
// (channels.md 1.8; OWASP API Security Top 10 2023, API7), and through a virus
// scanner where there is one.
//
// A link is a provider's word at best and a stranger's at worst, so a Fetcher
// trusts none of it. The host must be on the provider's list. The name is
// resolved once; every address that it has must be public, and the connection
// goes to one of exactly those addresses, checked again by the socket itself.
// The same holds on each redirect. Credentials go to the provider's own hosts
// and never from one host to another. Size, time and hash are checked on the
// bytes that came, not on what was announced.
//
// Errors are of fault kinds and name no link, host or address: a link may hold
// personal data (file names, numbers, tokens). Permanent ones (fault.Permanent)
// never come right; the others may, later.
//
// Meta resolves a WhatsApp media id first. Clamd asks ClamAV's daemon.
package media
