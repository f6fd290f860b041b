package main

import (
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode/utf16"
)

// needles finds texts in bytes, in every form in which a program may have
// written them: UTF-8, UTF-16 either way round, JSON escapes, base64 at each
// of the three alignments, hexadecimal, and as part of a URL.
type needles struct {
	forms map[uint32][]written // by their first four bytes
	first [1 << 16]bool        // whether any begins with these two
}

type written struct {
	bytes []byte
	text  string // what it is a form of
	name  string
}

func newNeedles(texts []string) *needles {
	n := &needles{forms: map[uint32][]written{}}
	for _, text := range texts {
		for name, b := range forms(text) {
			if len(b) < 4 {
				continue
			}
			key := binary.BigEndian.Uint32([]byte(b))
			n.forms[key] = append(n.forms[key], written{[]byte(b), text, name})
			n.first[binary.BigEndian.Uint16([]byte(b))] = true
		}
	}
	return n
}

// forms are the ways to write a text, by name.
func forms(text string) map[string]string {
	var little, big []byte
	for _, u := range utf16.Encode([]rune(text)) {
		little = binary.LittleEndian.AppendUint16(little, u)
		big = binary.BigEndian.AppendUint16(big, u)
	}
	quoted, _ := json.Marshal(text) // a string always marshals
	escaped := strings.Builder{}
	for _, u := range utf16.Encode([]rune(text)) {
		if u < 0x80 {
			escaped.WriteByte(byte(u))
			continue
		}
		escaped.WriteString(`\u` + hex.EncodeToString([]byte{byte(u >> 8), byte(u)}))
	}
	h := hex.EncodeToString([]byte(text))
	out := map[string]string{
		"UTF-8": text, "lower case": strings.ToLower(text), "UTF-16LE": string(little), "UTF-16BE": string(big),
		"JSON": strings.Trim(string(quoted), `"`), "JSON in ASCII": escaped.String(),
		"hex": h, "upper-case hex": strings.ToUpper(h), "query": url.QueryEscape(text), "path": url.PathEscape(text),
	}
	for shift := range 3 {
		for name, enc := range map[string]*base64.Encoding{"base64": base64.RawStdEncoding, "URL base64": base64.RawURLEncoding} {
			b := enc.EncodeToString(append(make([]byte, shift), text...))
			// The first characters hold bits of what stands before, the last
			// of what follows.
			cut := []int{0, 2, 3}[shift]
			end := (len(text) + shift) * 8 / 6
			out[name+" at "+string(rune('0'+shift))] = b[cut:end]
		}
	}
	return out
}

// in returns the texts that stand in b in any form.
func (n *needles) in(b []byte) (found []written) {
	for i := 0; i+4 <= len(b); i++ {
		if !n.first[uint16(b[i])<<8|uint16(b[i+1])] {
			continue
		}
		for _, f := range n.forms[binary.BigEndian.Uint32(b[i:])] {
			if len(b)-i >= len(f.bytes) && string(b[i:i+len(f.bytes)]) == string(f.bytes) {
				found = append(found, f)
			}
		}
	}
	return found
}

// absent fails for every text that stands in b.
func (n *needles) absent(t testing.TB, where string, b []byte) {
	t.Helper()
	told := map[string]bool{}
	for _, f := range n.in(b) {
		if !told[f.text] {
			t.Errorf("%s holds %q as %s", where, f.text, f.name)
		}
		told[f.text] = true
	}
}

// absentBelow searches every file below a directory, and their names.
func (n *needles) absentBelow(t testing.TB, dir string) (files int, size int64) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(dir, path)
		if err != nil {
			return err
		}
		files, size = files+1, size+int64(len(b))
		n.absent(t, "the name of a file", []byte(rel))
		n.absent(t, rel, b)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return files, size
}

func TestNeedlesAreFoundInEveryForm(t *testing.T) {
	t.Parallel()
	const text = "Žiga <žiga.č@example.si>"
	n := newNeedles([]string{text, "something else"})
	for name, f := range forms(text) {
		if found := n.in([]byte("before " + f + " after")); !slices.ContainsFunc(found, func(f written) bool { return f.text == text }) {
			t.Errorf("%s is not found", name)
		}
	}
	for shift := range 12 {
		whole := base64.StdEncoding.EncodeToString([]byte(strings.Repeat("x", shift) + text + "and more"))
		if len(n.in([]byte(whole))) == 0 {
			t.Errorf("base64 after %d bytes is not found", shift)
		}
	}
	if found := n.in([]byte("Ziga <ziga.c@example.si>")); len(found) != 0 {
		t.Error("something else is found")
	}
}
