// Package ticket is a matter that the centre works on: what Maximo keeps as
// service request, incident, change, work order or activity (ekc 7.7), with its
// states, its work log, its way through the levels of support, and what of it the
// next level may see (K03, K09, K12, S05).
//
// A ticket's technical fields (number, times, state, counts, cost) stay when it
// is anonymised (K17); the rest is sealed under the person's own key.
//
// Pure: values in, values out, no clock and no I/O.
package ticket
