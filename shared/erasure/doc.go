// Package erasure makes personal data go: records are deleted with all that
// belongs to them, or made anonymous by the pack's generic terms (K17, K18, K22
// d). It is generic over the field tags and relations of shared/record, and used
// by retention (functions/retention) and for a granted erasure alike.
//
// Work is a list of pages (retention.Page) of at most retention.PageSize records:
//
//	Lay      writes a page of a job, once
//	Execute  treats its records, each rechecked, some in each commit
//	Close    writes tombstones, takes along persons of whom nothing is left,
//	         destroys their keys, and looks for what should be gone
//
// and all three for one person or a list of records:
//
//	e := erasure.New(env.Work, env.Ledger.Tree, "dsar", access.Rights)
//	report, err := e.Person(ctx, tenant, job, person, erasure.GenericOf(terms), anonymised, requestID)
//
// A job may be cut off at any point and be run again, by several at once. What a
// crash costs: between the records of a page, nothing; after Execute and before
// the tombstones, nothing, as Close comes again; between tombstones and keys,
// nothing, likewise. A restored backup of the data comes up only after Replay.
//
// Nothing goes past a hold, an open request, a restriction or a longer statutory
// term: a unit that erases has read the tenant's holds and the person's guard,
// and its commit fails if either was changed meanwhile.
package erasure
