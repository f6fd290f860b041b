// Package deadline finds, by time, the limits that have reached a stage, and
// tells of each stage once: org.okence.deadline.reached.v1. What follows from
// it, decides whoever the limit is about.
//
// A tick reads the index of next stages up to now, so it costs what is due and
// not what exists. That a stage has been told and the event that tells it are
// one commit, which holds only if nobody changed the limit meanwhile: two ticks
// at once tell nothing twice, and a crash between two commits loses nothing.
// After a stop of a week the first ticks tell all that was missed, the longest
// due first, each with the instant at which it was to be told.
//
// A limit whose end has passed stays overdue: at its end there is an alarm
// (deadline_overdue) and a line in the log, and it stands in the gauge okence_deadlines_overdue, until it is met or withdrawn.
package deadline
