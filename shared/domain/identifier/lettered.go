package identifier

// lettered tries what starts with two letters: IBAN and the Slovenian tax
// number with its prefix. The letters may be set off by one space.
func (d *detector) lettered(g int) (Match, bool) {
	group := d.run.groups[g]
	start, ok := d.lettersBefore(group.start)
	if !ok {
		return Match{}, false
	}
	a, b := d.text[start]&^0x20, d.text[start+1]&^0x20
	if m, ok := d.iban(start, a, b); ok {
		return m, true
	}
	if a != 'S' || b != 'I' {
		return Match{}, false
	}
	if set := start+2 < group.start; set && d.text[start:start+2] != "SI" {
		return Match{}, false // "zapišite si 12345678"
	}
	w := d.run.window(g)
	last, ok := w.completes(8)
	if !ok || w.take(1)[0] == '0' {
		return Match{}, false
	}
	if union, _ := w.gaps(last); union&^gapSpace != 0 {
		return Match{}, false
	}
	m := Match{SITax, start, w.groups[last].end, true, confStrong}
	if checkTax(w.take(8)) != nil {
		m.Valid, m.Confidence = false, confBroken
	}
	return m, true
}

// lettersBefore answers where the two letters before a number start; false if
// there are none, or they end a longer word.
func (d *detector) lettersBefore(i int) (start int, ok bool) {
	floor := d.done
	if i-1 > floor {
		if g, size := separatorAt(d.text, i-1); size == 1 && (g == gapSpace || g == gapDash) {
			i--
		} else if i-2 > floor && d.text[i-2] == 0xC2 && d.text[i-1] == 0xA0 { // no-break space
			i -= 2
		}
	}
	if i-2 < floor || !isLetter(d.text[i-1]) || !isLetter(d.text[i-2]) {
		return 0, false
	}
	if i-3 >= 0 && (isWordByte(d.text[i-3]) || d.text[i-3] >= 0x80 && letterBefore(d.text, i-2)) {
		return 0, false
	}
	return i - 2, true
}

// letterBefore reports whether a letter of Slovenian or Slovak beyond ASCII
// ends at i.
func letterBefore(text string, i int) bool {
	if i < 2 {
		return false
	}
	_, size := fold(text, i-2)
	return size == 2
}

// iban reads an IBAN that starts at the two letters a and b.
func (d *detector) iban(start int, a, b byte) (Match, bool) {
	want := ibanLength(a, b)
	if want == 0 {
		return Match{}, false
	}
	var chars [longestIBAN]byte
	n, i := 0, start
	for n < want {
		if i >= d.limit {
			return Match{}, false
		}
		c, size := charAt(d.text, i)
		if size == 0 {
			g, next, ok := gapAt(d.text, i, d.limit)
			if !ok || next == i || g&^(gapSpace|gapDash) != 0 {
				return Match{}, false
			}
			i = next
			continue
		}
		chars[n] = c
		n++
		i += size
	}
	if i < len(d.text) {
		if _, size := charAt(d.text, i); size > 0 || d.text[i] == '_' {
			return Match{}, false
		}
	}
	switch err := checkIBAN(chars[:n]); {
	case err == nil:
		return Match{IBAN, start, i, true, confSure}, true
	case err == ErrShape:
		return Match{}, false
	}
	home := a == 'S' && (b == 'I' || b == 'K')
	if home || d.nearby.announces(labelIBAN, start) {
		return Match{IBAN, start, i, false, confBroken}, true
	}
	return Match{}, false
}
