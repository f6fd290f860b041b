package identifier

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Limits of RFC 5321 4.5.3.1 in octets; the whole address by erratum 1690 to
// RFC 3696.
const (
	maxLocal   = 64
	maxAddress = 254
	maxLabel   = 63
)

// checkEmail holds an address to its syntax: dot-atoms of RFC 5322 before the
// @ (letters beyond ASCII by RFC 6531), after it a host name with at least one
// dot, international names included. Quoted local parts, comments and address
// literals are not accepted. Nothing is looked up.
func checkEmail(s string) error {
	local, domain, ok := strings.Cut(s, "@")
	if !ok || len(local) == 0 || len(local) > maxLocal || len(s) > maxAddress || !utf8.ValidString(s) {
		return ErrShape
	}
	if local[0] == '.' || local[len(local)-1] == '.' || strings.Contains(local, "..") {
		return ErrShape
	}
	for _, r := range local {
		if !inWord(r) && !strings.ContainsRune(".!#$%&'*+-/=?^_`{|}~", r) {
			return ErrShape
		}
	}
	return checkDomain(domain)
}

// checkDomain: labels of letters, digits and inner hyphens, at least two, the
// last of at least two characters with a letter in it.
func checkDomain(domain string) error {
	last, labels := "", 0
	for label := range strings.SplitSeq(domain, ".") {
		if label == "" || len(label) > maxLabel || label[0] == '-' || label[len(label)-1] == '-' {
			return ErrShape
		}
		for _, r := range label {
			if r != '-' && !inWord(r) {
				return ErrShape
			}
		}
		last = label
		labels++
	}
	if labels < 2 || utf8.RuneCountInString(last) < 2 || strings.IndexFunc(last, unicode.IsLetter) < 0 {
		return ErrShape
	}
	return nil
}

// inWord: a letter, mark or digit of any script.
func inWord(r rune) bool {
	if r < utf8.RuneSelf {
		return isWordByte(byte(r)) && r != '_'
	}
	return unicode.IsLetter(r) || unicode.IsMark(r) || unicode.IsDigit(r)
}

// nextEmail finds the first address at or after from, valid or broken. The
// characters read back from an @ end at the one before it, so a run of @ costs
// no more than other text.
func nextEmail(text string, from int) (Match, bool) {
	for at := from; ; at++ {
		skip := strings.IndexByte(text[at:], '@')
		if skip < 0 {
			return Match{}, false
		}
		at += skip
		start := localStart(text, from, at)
		end := domainEnd(text, at+1)
		if start == at || !strings.Contains(text[at+1:end], ".") {
			continue
		}
		address := text[start:end]
		if checkEmail(address) == nil {
			return Match{Email, start, end, true, confEmail}, true
		}
		// A version pin (package@1.2.3) is no broken address.
		if dot := strings.LastIndexByte(address, '.'); strings.IndexFunc(address[dot:], unicode.IsLetter) >= 0 {
			return Match{Email, start, end, false, confBroken}, true
		}
	}
}

// localStart reads back from an @ over what addresses are made of in practice.
// Of the signs that RFC 5322 allows, those that more often surround an address
// than belong to it ( / = ? * ^ ` { | } ) end it here, and others do not begin it.
func localStart(text string, from, at int) int {
	start := at
	for start > from {
		r, size := utf8.DecodeLastRuneInString(text[from:start])
		if !inWord(r) && !strings.ContainsRune("._%+-'&#!$~", r) || r == utf8.RuneError {
			break
		}
		start -= size
	}
	for start < at && strings.IndexByte("%+-'&#!$~", text[start]) >= 0 {
		start++
	}
	return start
}

// domainEnd reads the host name from i on, without the dots and hyphens that
// end a sentence.
func domainEnd(text string, i int) int {
	end := i
	for end < len(text) {
		r, size := utf8.DecodeRuneInString(text[end:])
		if r != '.' && r != '-' && !inWord(r) || r == utf8.RuneError {
			break
		}
		end += size
	}
	for end > i && (text[end-1] == '.' || text[end-1] == '-') {
		end--
	}
	return end
}
