// Package dossier carries out what an officer granted in a data-subject request,
// once for each item, and answers with what became of it (dsar.carried.out).
//
//	access, portability   a package is made (shared/dossier); doubtful places wait
//	                      for a reviewer, then the package is made anew
//	rectification  (P12)  the supplementary statement stands beside what it corrects
//	erasure  (P14)        shared/erasure, the residual search, the certificate
//	restriction  (P17)    the gate of the unit of work closes (shared/work)
//	objection             marketing stops at once; else the data is restricted
//	withdrawal            consents end, from the receipt of the request on
//	notify_others         recipients by the disclosure register
//
// Every event may come again: what is done is found done.
package dossier
