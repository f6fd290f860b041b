// Package desk is what the portal and functions/escalation both do with tickets,
// within a unit of work: open one, write its work log, hand it to the next level
// of support, take its answer, tell the person. The rules are shared/domain/ticket's
// and the numbers the pack's.
package desk
