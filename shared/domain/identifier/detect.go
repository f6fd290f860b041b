package identifier

// Confidence of findings. Valid ones lie above 0.5, the others below.
const (
	confSure     = 0.99 // strong check, or a weak one beside a word for its kind
	confStrong   = 0.95 // strong check or unmistakable form
	confEmail    = 0.95
	confLikely   = 0.85 // usual form, fair check
	confPossible = 0.65 // the digits fit, the form says little
	confWeak     = 0.55 // the digits fit as those of one number in ten would
	confBroken   = 0.4  // looks like one and fails; a word or its own form speaks for it
)

// order is the order in which readings of the same digits are tried; IBAN and
// e-mail are found by other means.
var order = [...]label{labelPAN, labelEMSO, labelSKRC, labelPhone, labelSITax}

var kindOf = [labels]Kind{labelIBAN: IBAN, labelPAN: PAN, labelEMSO: EMSO, labelSKRC: SKRC, labelPhone: Phone, labelSITax: SITax}

// shortest is the number of digits of the shortest kind, 080 1234.
const shortest = 7

// Detect finds identifiers in text. Matches come in order of their offsets and
// do not overlap; text that is not UTF-8 is searched all the same. The cost is
// linear in the length of the text.
func Detect(text string) []Match {
	d := detector{text: text, nearby: nearby{text: text}}
	for from := 0; ; {
		email, found := nextEmail(text, from)
		d.limit = len(text)
		if found {
			d.limit = email.Start
		}
		d.scan(from)
		if !found {
			return d.found
		}
		d.add(email)
		from = email.End
	}
}

// detector is one pass over one text.
type detector struct {
	text   string
	limit  int // the numbers looked for end here: the next e-mail address, or the end
	done   int // end of the last match
	nearby nearby
	run    run
	found  []Match
}

func (d *detector) add(m Match) {
	d.found = append(d.found, m)
	d.done = m.End
	d.nearby.number = m.End
}

// scan looks for numbers from offset i to the limit.
func (d *detector) scan(i int) {
	text := d.text[:d.limit]
	for {
		for i < len(text) && class[text[i]] == plain {
			i++
		}
		if i >= len(text) {
			return
		}
		if _, size := digitAt(text, i); size == 0 {
			i++
			continue
		}
		d.run.load(d.text, i, d.limit)
		i = max(i+1, d.tryRun())
	}
}

// tryRun tries each group of the run as the start of an identifier and answers
// where scanning goes on.
func (d *detector) tryRun() int {
	r := &d.run
	for g := 0; g < r.n; g++ {
		if r.groups[g].start < d.done {
			continue
		}
		if r.more && g > 0 && r.size-r.groups[g].first < 2*reach {
			return r.groups[g].start
		}
		if m, ok := d.lettered(g); ok {
			d.add(m)
			continue
		}
		if r.date(g) {
			g += 2
			continue
		}
		if m, ok := d.numbered(g); ok {
			d.add(m)
		} else if r.groups[g].n >= 5 {
			d.nearby.number = r.groups[g].end
		}
	}
	return max(r.end, d.done)
}

// numbered tries the kinds made of digits only from group g on: the kind that
// a word nearby announces first, then all in order, then those whose check
// fails but which a word or their own form speaks for.
func (d *detector) numbered(g int) (Match, bool) {
	if d.run.size-d.run.groups[g].first < shortest {
		return Match{}, false
	}
	w := d.run.window(g)
	r := reading{window: &w, context: d.context(&w)}
	start := w.groups[g].start
	if r.plus {
		start = d.plusBefore(start)
	}
	if start > d.done && d.text[start-1] == '(' && g+1 < w.n && w.groups[g+1].before&gapBracket != 0 {
		start-- // (01) 478 87 78: only phones are found across a bracket
	}
	hint := d.nearby.hint(w.groups[g].start)
	var found [labels]finding
	for _, l := range order {
		found[l] = d.try(l, &r)
	}
	if f := found[hint]; f.verdict == valid {
		return f.match(hint, start, &w), true
	}
	// Digits of exactly the form just announced are that, with a slip in them,
	// rather than another kind by the accident of a weak check.
	claimed := found[hint].verdict == broken && hint != labelPhone || found[labelSKRC].form
	for _, l := range order {
		if f := found[l]; f.verdict == valid && !(f.weak && claimed) {
			return f.match(l, start, &w), true
		}
	}
	for _, l := range order {
		if f := found[l]; f.verdict == broken {
			return f.match(l, start, &w), true
		}
	}
	return Match{}, false
}

// plusBefore answers where the plus sign before a number stands: start if there
// is none. A space or bracket may stand between.
func (d *detector) plusBefore(start int) int {
	i := start
	for n := 0; n < 2 && i > d.done; n++ {
		if c := d.text[i-1]; c != ' ' && c != '(' {
			break
		}
		i--
	}
	size := 0
	switch {
	case i-1 >= d.done && d.text[i-1] == '+':
		size = 1
	case i-3 >= d.done && d.text[i-3:i] == "＋":
		size = 3
	default:
		return start
	}
	// 1+386… and C++11 are no phones.
	if i-size > 0 && (isWordByte(d.text[i-size-1]) || d.text[i-size-1] == '+') {
		return start
	}
	return i - size
}

// context is what stands directly before a number.
type context struct {
	plus     bool // a plus sign
	attached bool // a digit and a dot, slash or dash: part of something longer
	letter   bool // a letter or underscore
}

func (d *detector) context(w *window) (c context) {
	start := w.groups[w.g].start
	c.plus = d.plusBefore(start) < start
	if start <= d.done || w.g > 0 && w.groups[w.g-1].end <= d.done {
		return c
	}
	b := d.text[start-1]
	c.letter = isLetter(b) || b == '_'
	if before := w.groups[w.g].before; w.g > 0 {
		c.attached = before != 0 && before&gapSpace == 0
	} else if start-2 >= d.done && class[d.text[start-2]] == digit {
		// 0,41… is a decimal fraction; 7,041… is a list.
		fraction := b == ',' && d.text[start-2] == '0' && (start == 2 || class[d.text[start-3]] != digit)
		c.attached = fraction || b == '.' || b == '/' || b == '-'
	}
	return c
}
