// Package period computes every legal and contractual time limit of Okence,
// and says why: each [Result] carries the articles that led to it, step by
// step. It is pure: time is an argument, nothing is read, nothing is logged,
// and all functions are safe for concurrent use.
//
// # Conventions
//
// They follow Council Regulation (EEC, Euratom) No 1182/71 and are the same
// for all rules:
//
//   - The start is converted to the zone of the jurisdiction first; its local
//     date is day 0 and does not count (art. 3(1)).
//   - n months end on the same day number, clamped to the end of a shorter
//     month (art. 3(2)(c)); 31 January + 1 month is 28 February. The standard
//     library's AddDate overflows into March and is never used here.
//   - An extension is counted from the start in one step: receipt + 3 months,
//     not the end of the first month + 2.
//   - Only then a last day on a Saturday, Sunday or work-free day moves to the
//     next working day (art. 3(4)), and only where the law has it: answers to
//     data subjects (GDPR art. 12, 14) and ZUP art. 101. Contract limits,
//     retention, NIS2, periods in hours and notices counted backward never
//     move. A rolled period of two days or more holds at least two working
//     days (art. 3(5)).
//   - End is exclusive: the local midnight after the last day. A period in
//     hours ends at its instant; hours are elapsed hours, exact across both
//     clock changes.
//   - "At least N days before" is the effective date minus N.
//   - "Older than N" is true from the day after the anniversary; a maximum
//     ("at most N") must be purged before its limit, see [AtMost].
//   - A pause moves the end by whole days; the unpaused day is kept.
//
// # Which holidays
//
// A [Calendar] answers by a dated table with the history of the Slovenian and
// Slovak law, 2010 to 2040, movable feasts computed. Each entry has two
// flags, state holiday and work-free; only the second one moves limits. The
// list that a Member State notifies under art. 2(1) of the Regulation was not
// available, and work-free is the reading with the earlier deadline. A body's
// own closed days, or a change of the law after this text, come in as
// [Override] values, normally from a policy pack. Outside 2010 to 2040 the
// nearest known law is assumed and a step says so.
//
// # Monotony
//
// No forward limit ends before it starts, and a later start never gives an
// earlier end. The law makes no exception among the rules here; two starts
// may well share an end (28 to 31 January all end one month later on
// 28 February). Opening hours and backward notices are monotone too.
//
// The property tests take a small sample by default. A million instants:
//
//	go test ./shared/domain/period -run Property -rapid.checks=1000000 -timeout 30m
package period
