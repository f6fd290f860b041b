package identifier

import "strings"

// Near is how far, in bytes, the start of a word may stand before the number
// that it announces.
const Near = 64

// nearby knows which words stand before a place in the text. It reads forward
// only, each byte at most once, and only where somebody asks.
type nearby struct {
	text   string
	read   int         // text before this has been read
	at     [labels]int // start of the last word of each label, plus 1; 0 if none
	last   label       // label of the last announcing word
	before word        // the last word read, for pairs
	number int         // end of the last number that was passed or found
}

// advance reads the words before p that can matter to a number at p.
func (n *nearby) advance(p int) {
	i := n.read
	if from := p - Near; i < from {
		i = from
		n.before.n = 0
		// Not in the middle of a word: whoever starts there starts too far off.
		for i < p {
			_, size := fold(n.text, i)
			if size == 0 && n.text[i]&0xC0 != 0x80 {
				break
			}
			i += max(size, 1)
		}
	}
	var w word
	for i < p {
		if !w.read(n.text, i, p) {
			if n.text[i] == '[' {
				if size := maskAt(n.text[i:p]); size > 0 { // a masked number is still a number
					i += size
					n.number = max(n.number, i)
					n.before.n = 0
					continue
				}
			}
			if class[n.text[i]] == digit {
				n.before.n = 0
			}
			i++
			continue
		}
		l, start := w.after(&n.before), n.before.start
		if l == none {
			l, start = w.label(), w.start
		}
		if l != none {
			n.at[l] = start + 1
			n.last = l
		}
		n.before = w
		i = w.end
	}
	n.read = max(n.read, p)
}

// hint answers the label of the nearest word before p.
func (n *nearby) hint(p int) label {
	n.advance(p)
	if n.last != none && n.at[n.last]-1 >= p-Near {
		return n.last
	}
	return none
}

// announces reports whether a word of label l stands near before p: the
// nearest one, or one with no number and no foreign word between.
func (n *nearby) announces(l label, p int) bool {
	hint := n.hint(p)
	if hint == l {
		return true
	}
	start := n.at[l] - 1
	return hint != foreign && start >= 0 && start >= p-Near && start >= n.number
}

// speaks reports whether a word of any label stands near before p, with no
// number between.
func (n *nearby) speaks(p int) bool {
	hint := n.hint(p)
	return hint != none && n.at[hint]-1 >= n.number
}

// following answers the label of the first announcing word after a number that
// ends at p, in the same clause and not before another number: "12345679
// (davčna)".
func (n *nearby) following(p int) label {
	limit := min(p+Near/2, len(n.text))
	var w, before word
	found := none
	for i := p; i < limit; {
		if w.read(n.text, i, len(n.text)) {
			if found == none {
				if found = w.after(&before); found == none {
					found = w.label()
				}
			}
			before = w
			i = w.end
			continue
		}
		if _, size := digitAt(n.text, i); size > 0 || n.text[i] == ':' {
			return none // the word belongs to what comes next
		}
		if strings.IndexByte(",;.\n\r\t", n.text[i]) >= 0 {
			break
		}
		i++
	}
	return found
}
