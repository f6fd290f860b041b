// Package dynamodb is the document store on Amazon DynamoDB: one table, made by
// Create or by infra/aws (Table says how).
//
// An item is a document:
//
//	k        tenant/kind/id, the key
//	v        the version: 26 random characters, and ".x" where the body is outside
//	b        the body, up to Inline bytes
//	x        the body's length, where it is in the object storage
//	p1 … p5  an index entry: tenant/index/partition
//	s1 … s5  and its place there: sort, U+0001, k
//
// Entries are five sparse secondary indexes by1 … by5 over (pN, sN) that project
// keys alone. The five names that are asked most have one each (homes); a
// document's other entries take those that are left, in the order of their
// names, so a query by another name asks all five at once and merges. What it finds it reads again by key,
// consistently: a document is never older than the entry that found it, and one
// that has left the place is left out (infra/decisions/0031).
//
// A commit is one TransactWriteItems with a client token, so that a call which
// the SDK repeats is applied once; a single deletion that expects nothing may be
// repeated, and is a DeleteItem, for half. What DynamoDB says of a refusal is told apart:
//
//	condition  an expectation did not hold            fault.Conflict
//	conflict   another transaction was under way      tried again, then fault.Overload
//	throttle   too many calls, or a hot key           tried again, then fault.Overload
//	size       over a limit of DynamoDB's             fault.TooLarge
//
// A body outside is put before the commit and named by the version, and that of
// the version before is deleted after it. A crash between costs an object
// without a document, sealed like any body, that Sweep removes.
package dynamodb
