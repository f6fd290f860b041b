// Package webhook takes the calls of messaging providers. The order of work is
// law (channels.md 1): limit, secret, signature over the raw bytes; only then
// mapping; then one durable commit for each item; only then 2xx. So a provider
// that got 2xx need never send again, and one that sends again changes nothing.
package webhook
