// Package breach keeps the register of personal data breaches (GDPR art. 33,
// 34; K26, K27, M08, M09, L07, S19): it opens cases from reports, records what
// the other joint controller says and which limits were reached, computes scopes
// from the processing log, and sends what a named officer has released. Clocks
// run as limits (shared/domain/deadline); decisions come through the portal.
//
//	breach.go    wiring
//	reported.go  a report, from a portal, a processor, a partner, a custodian or an adviser
//	reached.go   a limit's warning or end
//	scope.go     who and what is concerned, from the log
//	send.go      a released notice, by mail
//	campaign.go  notices to many persons, one after the other
package breach
