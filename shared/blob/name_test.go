package blob

import (
	"path/filepath"
	"strings"
	"testing"
)

func FuzzName(f *testing.F) {
	for _, seed := range []string{"", "t/k/1", "../x", "a//b", "/a", "a/", "a/./b", "a\\b", "C:", "a\x00b", "é", strings.Repeat("a", 301)} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, name string) {
		if CheckName(name) != nil {
			return
		}
		if !filepath.IsLocal(name) || filepath.Clean(name) != filepath.FromSlash(name) || len(name) > MaxName {
			t.Errorf("%q is accepted", name)
		}
		if CheckPrefix(name[:len(name)/2]) != nil {
			t.Errorf("the first half of %q is refused as a prefix", name)
		}
	})
}
