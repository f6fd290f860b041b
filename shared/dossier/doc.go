// Package dossier gathers everything of a person, takes other people out of it,
// and makes the package that the person is given (arts. 15 and 20 GDPR; P08,
// P09, P18). It is generic over the field tags of shared/record: a kind or a field
// that is added is in the next package, redacted, with no further code.
//
//	gather.go       everything of a person by one index, and who else took part
//	walk.go         a record as it is shown: tags decide, cuts are listed
//	information.go  the list of art. 15(1) and P08, from the policy pack
//	document.go     the parts of a package, as JSON of a published schema
//	page.go         the same as a page for people, in Slovenian, English, Slovak
//	archive.go      the zip: files, manifest with hashes, the log's signature; and its check
//	outcome.go      what an erasure leaves, and its certificate
//
// Nothing here decides: a grant is an officer's, a doubtful place a reviewer's.
package dossier
