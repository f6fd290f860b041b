package policy

import (
	"os"
	"path/filepath"
	"testing"
	"time"
)

// FuzzLoad feeds any bytes to the loader: it never panics, and either gives a
// pack whose every version explains itself, or findings with file, line, rule
// and remedy.
func FuzzLoad(f *testing.F) {
	names, err := filepath.Glob("packs/*.yaml")
	if err != nil {
		f.Fatal(err)
	}
	for _, name := range names {
		data, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	for _, s := range []string{"", "a", "[]", "{}", "pack: x\npack: y\n", "a: &a [*a]\n", "? [a]\n: b\n", "---\n---\n", "a: !!binary x\n", "a: .nan\n", "<<: {a: b}\n", "\x00", "pack: \xff"} {
		f.Add([]byte(s))
	}
	base := Builtin()
	at := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	f.Fuzz(func(t *testing.T, data []byte) {
		set, id, err := base.WithFile("fuzz.yaml", data)
		if err != nil {
			found, ok := AsFindings(err)
			if !ok {
				t.Fatalf("error without findings: %v", err)
			}
			for _, x := range found {
				if x.File == "" || x.Line < 1 || x.Rule == "" || x.Remedy == "" || x.Text == "" || x.Level != Error || x.Fault.Validate() != nil {
					t.Fatalf("incomplete finding: %+v", x)
				}
			}
			return
		}
		p, ok := set.Pack(id)
		if !ok {
			t.Fatalf("pack %q loaded and is not there", id)
		}
		if _, err := p.Explain("", at); err != nil {
			t.Fatal(err)
		}
		p.At(at).ClassFor(Voice, "01 478 87 78")
	})
}
