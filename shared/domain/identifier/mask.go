package identifier

import "strings"

// mark is what stands in the text in place of a value of kind k: one generic
// term a kind. It holds no digit and is not read as a word.
func mark(k Kind) string { return "[" + string(k) + "]" }

// maskAt answers the length of a mark at the start of text, 0 if there is none.
func maskAt(text string) int {
	for _, k := range [...]Kind{EMSO, SITax, SKRC, IBAN, PAN, Phone, Email} {
		if n := len(k) + 2; len(text) >= n && text[0] == '[' && text[n-1] == ']' && text[1:n-1] == string(k) {
			return n
		}
	}
	return 0
}

// maskPasses bounds how often Mask looks again.
const maskPasses = 4

// Mask puts the kind in brackets ([emso], [phone]) where Detect finds a value,
// valid or not. Detect finds nothing in the result, so masking twice changes
// nothing.
//
// Taking one number away can bring another closer to a word; Mask therefore
// looks again until nothing is found. Text made to need many rounds gets its
// remaining digits and @ replaced by asterisks instead: the cost stays linear
// and the result as safe.
func Mask(text string) string {
	for range maskPasses {
		found := Detect(text)
		if len(found) == 0 {
			return text
		}
		text = replace(text, found)
	}
	if len(Detect(text)) > 0 {
		text = blank(text)
	}
	return text
}

func replace(text string, found []Match) string {
	var b strings.Builder
	b.Grow(len(text))
	from := 0
	for _, m := range found {
		b.WriteString(text[from:m.Start])
		b.WriteString(mark(m.Kind))
		from = m.End
	}
	b.WriteString(text[from:])
	return b.String()
}

// blank replaces every digit and every @.
func blank(text string) string {
	var b strings.Builder
	b.Grow(len(text))
	for i := 0; i < len(text); {
		_, size := digitAt(text, i)
		if size == 0 && text[i] == '@' {
			size = 1
		}
		if size > 0 {
			b.WriteByte('*')
			i += size
			continue
		}
		b.WriteByte(text[i])
		i++
	}
	return b.String()
}
