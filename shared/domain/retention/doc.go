// Package retention decides when data about a person must go, and what stands in
// the way (rules K13 to K18, S22, L08, P13, A7, A8). It is pure: values in,
// values out, no clock and no I/O.
//
//	Life      what a record says of itself: whose, of which class, since when
//	Rule      a row of the pack's retention schedule, with its clause
//	Guard     per person: open requests, restriction, longer statutory terms
//	Hold      a matter for which data are kept, set and lifted by four eyes
//	Decide    Life, Rule, Guard, holds, now -> keep, or act; why; until when
//	Page      a bounded piece of a plan: what is to go, how far it has come
//	Sweep     a plan and its run
//	Certificate  what a run did, without personal data
//
// A record may concern several persons; each is decided by itself (A8). Data
// that came together by a merge keep each their own date.
package retention
