// Package escalation passes tickets on (K03).
//
//	requested.go  a ticket of ours goes to the next level; one of another
//	              organisation's becomes ours
//	answered.go   the next level has accepted, asked, returned or solved
//	reached.go    nobody has accepted in time
//
// What is permitted, to whom, and how long it may take is the pack's, by the
// service's technical specification; how it is done is shared/desk's, and the
// rules are shared/domain/ticket's.
package escalation
