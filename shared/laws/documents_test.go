package laws

import (
	"go/ast"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// document is a page of the project, such as README.md, with what it names.
type document struct {
	path string // from the root, with slashes
	text string
}

func documents(t *testing.T) []document {
	t.Helper()
	var out []document
	err := filepath.WalkDir(root, func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && p != root && (strings.HasPrefix(d.Name(), ".") || d.Name() == "testdata" || d.Name() == "bin") {
			return fs.SkipDir
		}
		if !strings.HasSuffix(d.Name(), ".md") {
			return nil
		}
		text, err := os.ReadFile(p)
		rel, _ := filepath.Rel(root, p)
		out = append(out, document{filepath.ToSlash(rel), string(text)})
		return err
	})
	if err != nil || len(out) < 10 {
		t.Fatalf("%d documents: %v", len(out), err)
	}
	return out
}

var (
	link   = regexp.MustCompile(`\]\(([^)\s]+)\)`)
	quoted = regexp.MustCompile("`([^`\n]+)`")
	place  = regexp.MustCompile(`^(functions|shared|infra|local|events|testdata)/[\w./*-]*$`)
	test   = regexp.MustCompile(`^(Test|Fuzz|Benchmark)[A-Z]\w+$`)
	target = regexp.MustCompile(`^make ([a-z][a-z-]*)`)
)

// TestDocumentsNameWhatExists follows each link of each page, and looks for each
// path, test and make target that it names in code letters.
func TestDocumentsNameWhatExists(t *testing.T) {
	tests := map[string]bool{}
	for _, f := range files(t) {
		if f.test {
			for _, d := range f.ast.Decls {
				if f, ok := d.(*ast.FuncDecl); ok {
					tests[f.Name.Name] = true
				}
			}
		}
	}
	makefile, err := os.ReadFile(filepath.Join(root, "Makefile"))
	if err != nil {
		t.Fatal(err)
	}
	exists := func(p string) bool {
		found, _ := filepath.Glob(filepath.Join(root, filepath.FromSlash(p)))
		return len(found) > 0
	}
	for _, d := range documents(t) {
		for _, m := range link.FindAllStringSubmatch(d.text, -1) {
			to, _, _ := strings.Cut(m[1], "#")
			if to != "" && !strings.Contains(to, ":") && !exists(path.Join(path.Dir(d.path), to)) {
				t.Errorf("%s links to %s, which is not there", d.path, m[1])
			}
		}
		for _, m := range quoted.FindAllStringSubmatch(d.text, -1) {
			name := m[1]
			switch {
			case place.MatchString(name) && !exists(name):
				t.Errorf("%s names %s, which is not there", d.path, name)
			case test.MatchString(name) && !tests[name]:
				t.Errorf("%s names %s, which is no test", d.path, name)
			}
			if to := target.FindStringSubmatch(name); to != nil && !strings.Contains(string(makefile), "\n"+to[1]+":") {
				t.Errorf("%s names make %s, which is no target", d.path, to[1])
			}
		}
	}
}
