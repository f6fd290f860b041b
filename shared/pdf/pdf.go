package pdf

import (
	"bytes"
	"fmt"
	"sort"
	"strings"
)

// Line is a heading or a paragraph. Paragraphs are wrapped at spaces.
type Line struct {
	Text    string
	Heading bool
}

const (
	columns = 82 // of 6 points each at 10 points: 492 of A4's 595
	rows    = 54 // of 14 points each
)

// glyphs are the letters beyond ASCII, with the names of the Adobe Glyph List.
var glyphs = map[rune]string{
	'č': "ccaron", 'Č': "Ccaron", 'š': "scaron", 'Š': "Scaron", 'ž': "zcaron", 'Ž': "Zcaron", 'ć': "cacute", 'Ć': "Cacute", 'đ': "dcroat", 'Đ': "Dcroat",
	'á': "aacute", 'Á': "Aacute", 'ä': "adieresis", 'Ä': "Adieresis", 'ď': "dcaron", 'Ď': "Dcaron", 'é': "eacute", 'É': "Eacute", 'í': "iacute", 'Í': "Iacute",
	'ĺ': "lacute", 'Ĺ': "Lacute", 'ľ': "lcaron", 'Ľ': "Lcaron", 'ň': "ncaron", 'Ň': "Ncaron", 'ó': "oacute", 'Ó': "Oacute", 'ô': "ocircumflex", 'Ô': "Ocircumflex",
	'ŕ': "racute", 'Ŕ': "Racute", 'ť': "tcaron", 'Ť': "Tcaron", 'ú': "uacute", 'Ú': "Uacute", 'ý': "yacute", 'Ý': "Yacute", 'ö': "odieresis", 'Ö': "Odieresis",
	'ü': "udieresis", 'Ü': "Udieresis", 'à': "agrave", 'è': "egrave", 'ß': "germandbls", 'ő': "ohungarumlaut", 'ű': "uhungarumlaut", 'ě': "ecaron", 'ř': "rcaron",
	'–': "endash", '—': "emdash", '„': "quotedblbase", '“': "quotedblleft", '”': "quotedblright", '’': "quoteright", '»': "guillemotright", '«': "guillemotleft",
	'§': "section", '€': "Euro", '°': "degree", '…': "ellipsis", '•': "bullet", '\u00a0': "space",
}

// first is the code of the first glyph beyond ASCII.
const first = 128

var (
	beyond = func() []rune {
		out := make([]rune, 0, len(glyphs))
		for r := range glyphs {
			out = append(out, r)
		}
		sort.Slice(out, func(i, j int) bool { return out[i] < out[j] })
		return out
	}()
	codes = func() map[rune]byte {
		out := map[rune]byte{}
		for i, r := range beyond {
			out[r] = byte(first + i)
		}
		return out
	}()
)

// Write prints lines under a title. A letter that it does not know becomes "?".
func Write(title, language string, lines []Line) []byte {
	var pages [][]Line
	var page []Line
	feed := func(l Line) {
		if len(page) == rows {
			pages, page = append(pages, page), nil
		}
		page = append(page, l)
	}
	for i, l := range lines {
		if l.Heading && i > 0 {
			feed(Line{})
		}
		for _, text := range wrap(l.Text) {
			feed(Line{text, l.Heading})
		}
	}
	pages = append(pages, page)

	d := &document{}
	kids := make([]string, len(pages))
	for i := range pages {
		kids[i] = fmt.Sprintf("%d 0 R", 7+2*i)
	}
	d.object("<</Type/Catalog/Pages 2 0 R/Lang(%s)/ViewerPreferences<</DisplayDocTitle true>>>>", language)
	d.object("<</Type/Pages/Count %d/Kids[%s]>>", len(pages), strings.Join(kids, " "))
	d.object("<</Type/Font/Subtype/Type1/BaseFont/Courier/Encoding 5 0 R/ToUnicode 6 0 R>>")
	d.object("<</Type/Font/Subtype/Type1/BaseFont/Courier-Bold/Encoding 5 0 R/ToUnicode 6 0 R>>")
	names := make([]string, len(beyond))
	for i, r := range beyond {
		names[i] = "/" + glyphs[r]
	}
	d.object("<</Type/Encoding/BaseEncoding/StandardEncoding/Differences[39/quotesingle 96/grave %d%s]>>", first, strings.Join(names, ""))
	d.stream(unicodeMap())
	for i, p := range pages {
		d.object("<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Resources<</Font<</R 3 0 R/B 4 0 R>>>>/Contents %d 0 R>>", 8+2*i)
		d.stream(content(p))
	}
	info := d.object("<</Title<%s>/Producer(Okence)>>", utf16(title))
	return d.close(info)
}

// wrap breaks a paragraph into lines of at most columns letters.
func wrap(text string) []string {
	var out []string
	for _, par := range strings.Split(text, "\n") {
		var line []rune
		for _, word := range strings.Fields(par) {
			w := []rune(word)
			if len(line) > 0 && len(line)+1+len(w) > columns {
				out, line = append(out, string(line)), nil
			}
			if len(line) > 0 {
				line = append(line, ' ')
			}
			for len(line)+len(w) > columns { // a word longer than a line
				n := columns - len(line)
				out, line, w = append(out, string(append(line, w[:n]...))), nil, w[n:]
			}
			line = append(line, w...)
		}
		out = append(out, string(line))
	}
	return out
}

func content(lines []Line) []byte {
	var b bytes.Buffer
	b.WriteString("BT\n14 TL\n51 790 Td\n")
	for _, l := range lines {
		font := "R"
		if l.Heading {
			font = "B"
		}
		fmt.Fprintf(&b, "/%s 10 Tf\n(%s)Tj T*\n", font, encode(l.Text))
	}
	b.WriteString("ET\n")
	return b.Bytes()
}

// encode writes text as the bytes of a literal string (7.3.4.2).
func encode(text string) string {
	var b strings.Builder
	for _, r := range text {
		switch c, ok := codes[r]; {
		case r == '(' || r == ')' || r == '\\':
			b.WriteByte('\\')
			b.WriteByte(byte(r))
		case r >= ' ' && r <= '~':
			b.WriteByte(byte(r))
		case ok:
			b.WriteByte(c)
		default:
			b.WriteByte('?')
		}
	}
	return b.String()
}

func utf16(text string) string {
	var b strings.Builder
	b.WriteString("FEFF")
	for _, r := range text {
		if r > 0xffff {
			r = '?'
		}
		fmt.Fprintf(&b, "%04X", r)
	}
	return b.String()
}

// unicodeMap is the ToUnicode CMap (9.10.3).
func unicodeMap() []byte {
	var b bytes.Buffer
	b.WriteString("/CIDInit/ProcSet findresource begin\n12 dict begin\nbegincmap\n/CMapName/Okence def\n/CMapType 2 def\n1 begincodespacerange\n<00><FF>\nendcodespacerange\n1 beginbfrange\n<20><7E><0020>\nendbfrange\n")
	fmt.Fprintf(&b, "%d beginbfchar\n", len(beyond))
	for i, r := range beyond {
		fmt.Fprintf(&b, "<%02X><%04X>\n", first+i, r)
	}
	b.WriteString("endbfchar\nendcmap\nCMapName currentdict/CMap defineresource pop\nend\nend\n")
	return b.Bytes()
}

// document collects objects and where they begin (7.5).
type document struct {
	buf bytes.Buffer
	at  []int
}

func (d *document) object(format string, args ...any) int {
	d.open()
	fmt.Fprintf(&d.buf, format, args...)
	d.buf.WriteString("\nendobj\n")
	return len(d.at)
}

func (d *document) open() {
	if d.buf.Len() == 0 {
		d.buf.WriteString("%PDF-1.7\n%\xc3\xa9\xc4\x8d\n")
	}
	d.at = append(d.at, d.buf.Len())
	fmt.Fprintf(&d.buf, "%d 0 obj\n", len(d.at))
}

func (d *document) stream(body []byte) {
	d.open()
	fmt.Fprintf(&d.buf, "<</Length %d>>stream\n%s\nendstream\nendobj\n", len(body), body)
}

func (d *document) close(info int) []byte {
	start := d.buf.Len()
	fmt.Fprintf(&d.buf, "xref\n0 %d\n0000000000 65535 f \n", len(d.at)+1)
	for _, at := range d.at {
		fmt.Fprintf(&d.buf, "%010d 00000 n \n", at)
	}
	fmt.Fprintf(&d.buf, "trailer\n<</Size %d/Root 1 0 R/Info %d 0 R>>\nstartxref\n%d\n%%%%EOF\n", len(d.at)+1, info, start)
	return d.buf.Bytes()
}
