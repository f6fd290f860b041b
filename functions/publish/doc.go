// Package publish serves the processing logs' checkpoints and tiles by C2SP
// tlog-tiles, without a token. It is apart from functions/ledger because it
// faces the internet and needs nothing but to read the tree: no entry, no key.
package publish
