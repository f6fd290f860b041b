// Package ledger sequences the processing log every minute and deletes its
// entries when their retention is over. All of it may be done twice, by several
// at once, and may be cut off at any point (shared/ledger).
//
// It watches the merge delay: an entry that waited longer than an hour raises
// the alarm ledger_merge_delay, and okence_ledger_wait_seconds has the longest
// wait of each run. A missing run shows as no new observation for a minute.
//
// After each run the witnesses that OKENCE_LEDGER_WITNESSES names cosign the
// newest checkpoint. One that has seen a longer or another log raises the alarm
// ledger_witness_disagrees: the log was taken back, or forked.
//
// The log is published by functions/publish: this function faces no one.
package ledger
