// Package recognise finds data-subject requests in what people write: by rules in
// Slovenian, Slovak and English, each with a confidence that is stated and tested.
// It suggests; a person confirms or refuses. The law asks for no form and no
// magic word (GDPR art. 12; EDPB 01/2022, sec. 3.1), so the rules look for what is
// wanted (a copy, an erasure) and of what (my data), within one sentence.
//
// Words are compared by their beginnings, without case and diacritics: many write
// "izbrisite moje podatke" from a phone. A rule is a list of groups; each group
// must be met by one of its alternatives in the same sentence; none of unless may
// be there.
//
// Precision and recall over the sentences of recognise_test.go are asserted there.
//
// Pure: text in, a finding out.
package recognise
