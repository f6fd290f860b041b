// Package retention makes data go whose time is over, and proves it (rules K13
// to K18, S22, L08, A7, A8).
//
//	due        by the schedule: a sweep is begun, or one that was cut off goes on
//	moved      carries a sweep on, a bounded piece at a time:
//	             planning  plan.go: what is due, found by index, as pages of a plan
//	             frozen    a dry run ends here; POST /v1/sweeps {"plan": id} executes it
//	             braked    the plan is far larger than usual: an administrator releases it
//	             running   run.go: pages are executed, each record rechecked
//	             certify   the certificate is committed to the processing log
//	servant    the status of a public servant (K13)
//
// What is due is found in the index record.ByRetention, whose partitions name
// kind, store and class of person and whose order is the date from which the
// period runs: a sweep costs what is due and not what is stored. Servants are
// found by the date since which they have been inactive, and then their records.
//
// # What a crash costs
//
// A piece has a round; its event comes again until it is done, and a round that
// was done changes nothing. Pages are laid down in the commit that moves the
// plan's cursor; records go in the commit that writes their results. So each
// record is treated once, however often the function dies and however many run
// at once. A sweep whose event was lost is found by the next schedule.
package retention
