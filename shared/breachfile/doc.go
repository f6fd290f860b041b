// Package breachfile keeps the register of breaches within units of work: the
// terms that a pack gives a case, the limits that follow, and the documents that
// go out. What follows from what, decides shared/domain/breach; functions/breach
// and functions/portal both work through here.
//
// A case is the tenant's own proof (art. 33(5) GDPR). It is sealed under the
// tenant, never under a person's key, so that no erasure reaches it (K23, A8).
package breachfile
