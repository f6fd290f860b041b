package mime

import (
	"bytes"
	"strings"
)

// Limits of a message (pitfalls.md 2). Real mail has five levels and some dozen
// parts; headers with many hops and signatures stay under 64 KiB.
const (
	maxDepth    = 20
	maxParts    = 1000
	maxHeader   = 256 << 10 // bytes of one header
	maxBoundary = 200       // bytes; RFC 2046, 5.1.1 allows 70
)

// letter is a message as its lines say it is.
type letter struct {
	header header
	body   []byte // all after the header
	kind   string // media type of the whole
	leaves []leaf // in the order of the message
}

// leaf is a part that holds no other. Its body is a slice of the message.
type leaf struct {
	header  header
	body    []byte
	kind    string            // media type, lower case
	params  map[string]string // of Content-Type, decoded
	group   int               // nearest multipart/alternative around it, from 1; 0 is none
	related bool              // within a multipart/related
}

// level is an open multipart.
type level struct {
	boundary string // with its leading --
	group    int
	related  bool
}

// walker goes over the lines of a message once.
type walker struct {
	raw    []byte
	at     int // start of the line to be read
	levels []level
	groups int
	parts  int
	open   bool // the last leaf has begun at from and has no end yet
	from   int
	mail   letter
}

// walk finds the leaves of raw, or says which limit it breaks.
func walk(raw []byte) (letter, string) {
	w := walker{raw: raw}
	if bytes.HasPrefix(raw, []byte("From ")) || bytes.HasPrefix(raw, []byte(">From ")) { // mbox
		w.line()
	}
	h, ok := w.header()
	if !ok {
		return w.mail, "mime_header"
	}
	w.mail.header, w.mail.body = h, raw[w.at:]
	if code := w.part(h); code != "" {
		return w.mail, code
	}
	w.mail.kind, _ = media(h)
	for w.at < len(raw) {
		start := w.at
		i, closing := w.match(w.line())
		if i < 0 {
			continue
		}
		w.end(start)
		if closing {
			w.levels = w.levels[:i]
			continue
		}
		w.levels = w.levels[:i+1]
		if h, ok = w.header(); !ok {
			return w.mail, "mime_header"
		}
		if code := w.part(h); code != "" {
			return w.mail, code
		}
	}
	w.end(len(raw))
	if len(w.mail.leaves) == 0 && len(bytes.TrimSpace(w.mail.body)) > 0 { // its boundary never came
		w.mail.leaves = []leaf{{header: header{}, body: w.mail.body, kind: "text/plain"}}
	}
	return w.mail, ""
}

// line takes the next line without its end.
func (w *walker) line() []byte {
	rest := w.raw[w.at:]
	if i := bytes.IndexByte(rest, '\n'); i >= 0 {
		w.at += i + 1
		return bytes.TrimSuffix(rest[:i], []byte("\r"))
	}
	w.at = len(w.raw)
	return rest
}

// match says which open level, the innermost first, a line delimits; -1 is none.
func (w *walker) match(line []byte) (i int, closing bool) {
	if !bytes.HasPrefix(line, []byte("--")) {
		return -1, false
	}
	for i := len(w.levels) - 1; i >= 0; i-- {
		b := w.levels[i].boundary
		if len(line) < len(b) || string(line[:len(b)]) != b {
			continue
		}
		rest, closing := bytes.CutPrefix(line[len(b):], []byte("--"))
		if len(bytes.TrimRight(rest, " \t")) == 0 {
			return i, closing
		}
	}
	return -1, false
}

// part begins what h is the header of: a level or a leaf.
func (w *walker) part(h header) string {
	if w.parts++; w.parts > maxParts {
		return "mime_parts"
	}
	kind, params := media(h)
	around := level{}
	if n := len(w.levels); n > 0 {
		around = w.levels[n-1]
	}
	if b := params["boundary"]; strings.HasPrefix(kind, "multipart/") && b != "" && len(b) <= maxBoundary {
		if len(w.levels) == maxDepth {
			return "mime_depth"
		}
		l := level{boundary: "--" + b, group: around.group, related: around.related || kind == "multipart/related"}
		if kind == "multipart/alternative" {
			w.groups++
			l.group = w.groups
		}
		w.levels = append(w.levels, l) // its preamble belongs to no leaf
		return ""
	}
	if strings.HasPrefix(kind, "multipart/") { // no boundary: what it holds is text to be read by a person
		kind = "text/plain"
	}
	w.open, w.from = true, w.at
	w.mail.leaves = append(w.mail.leaves, leaf{
		header: h, kind: kind, params: params, group: around.group, related: around.related,
	})
	return ""
}

// end closes the leaf that is open before a delimiter at offset. The line end
// before a delimiter is part of it (RFC 2046, 5.1.1).
func (w *walker) end(offset int) {
	if !w.open {
		return
	}
	w.open = false
	body := w.raw[w.from:max(w.from, offset)]
	if offset < len(w.raw) {
		body = bytes.TrimSuffix(bytes.TrimSuffix(body, []byte("\n")), []byte("\r"))
	}
	w.mail.leaves[len(w.mail.leaves)-1].body = body
}
