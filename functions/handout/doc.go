// Package handout hands a package over without a log-in: once, before the link
// expires, to whoever has the link from the letter and the code that an officer
// told by another way. Five wrong codes end the link. GET changes nothing, so that
// a mail scanner that follows the link does not use it up; what is wrong with a link
// is never told.
package handout
