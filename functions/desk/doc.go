// Package desk does what the desk does by itself.
//
//	matched.go   a ticket opened by a rule of the pack, one a conversation
//	answered.go  the person has written: tickets that waited for it go on
//	reached.go   a target, or the time to accept a hand-over, draws near or is over:
//	             those whom the pack names are told
//
// Which rules, targets and recipients there are is the pack's (openings, targets,
// escalation); what becomes of a ticket is shared/desk's.
package desk
