package pdf

import (
	"bytes"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"
)

// read takes the text out again, by cross-reference table, streams and encoding.
func read(t *testing.T, doc []byte) string {
	t.Helper()
	m := regexp.MustCompile(`startxref\n(\d+)\n%%EOF\n$`).FindSubmatch(doc)
	if m == nil {
		t.Fatal("no end")
	}
	at, _ := strconv.Atoi(string(m[1]))
	table := strings.Split(string(doc[at:]), "\n")
	if table[0] != "xref" {
		t.Fatalf("the table is not at %d", at)
	}
	var n int
	fmt.Sscanf(table[1], "0 %d", &n)
	var out strings.Builder
	for i := 1; i < n; i++ {
		var where int
		fmt.Sscanf(table[2+i], "%d", &where)
		if !bytes.HasPrefix(doc[where:], []byte(strconv.Itoa(i)+" 0 obj\n")) {
			t.Fatalf("object %d is not at %d", i, where)
		}
	}
	for _, s := range regexp.MustCompile(`(?s)<</Length (\d+)>>stream\n(.*?)\nendstream`).FindAllSubmatch(doc, -1) {
		if l, _ := strconv.Atoi(string(s[1])); l != len(s[2]) {
			t.Fatalf("a stream of %d bytes says %s", len(s[2]), s[1])
		}
		for _, line := range bytes.Split(s[2], []byte("\n")) {
			if text, ok := bytes.CutSuffix(line, []byte(")Tj T*")); ok {
				for i := 1; i < len(text); i++ {
					switch c := text[i]; {
					case c == '\\':
						i++
						out.WriteByte(text[i])
					case c >= first:
						out.WriteRune(beyond[c-first])
					default:
						out.WriteByte(c)
					}
				}
				out.WriteByte('\n')
			}
		}
	}
	return out.String()
}

func TestTextComesBackWhole(t *testing.T) {
	for _, text := range []string{"Obvestilo o kršitvi: čšžČŠŽ", "Porušenie ochrany: ľščťžýáíé ôňď", `brackets ( and ) and \`, "– „quoted“ § 33 €"} {
		if got := read(t, Write("t", "sl", []Line{{Text: text}})); got != text+"\n" {
			t.Errorf("%q came back as %q", text, got)
		}
	}
}

func TestLinesAreWrappedAndPagesFilled(t *testing.T) {
	long := strings.Repeat("beseda ", 1000) + strings.Repeat("x", 200)
	doc := Write("t", "sl", []Line{{Text: "Naslov", Heading: true}, {Text: long}})
	got := read(t, doc)
	for line := range strings.SplitSeq(got, "\n") {
		if utf8.RuneCountInString(line) > columns {
			t.Errorf("a line of %d letters", utf8.RuneCountInString(line))
		}
	}
	if n := strings.Count(got, "beseda"); n != 1000 || strings.Count(got, "x") != 200 {
		t.Errorf("%d words", n)
	}
	if n := bytes.Count(doc, []byte("/Type/Page/")); n != 2 {
		t.Errorf("%d pages, want 2", n)
	}
	if !bytes.Equal(doc, Write("t", "sl", []Line{{Text: "Naslov", Heading: true}, {Text: long}})) {
		t.Error("the same text gave other bytes")
	}
}
