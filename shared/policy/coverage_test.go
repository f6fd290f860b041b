package policy

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// covered is a line of coverage.yaml.
type covered struct {
	id, do, note string
	code, open   []string
	packs        []string // "ekc breach.authority", found in the packs
}

// ruleIDs are the rows of the digest of the sources, tables A1 to A5.
func ruleIDs() (ids []string) {
	for _, s := range []struct {
		letter string
		n      int
	}{{"K", 30}, {"S", 23}, {"M", 9}, {"L", 14}, {"P", 24}} {
		for i := 1; i <= s.n; i++ {
			ids = append(ids, fmt.Sprintf("%s%02d", s.letter, i))
		}
	}
	return ids
}

func readCoverage(t *testing.T) []covered {
	t.Helper()
	data, err := os.ReadFile("coverage.yaml")
	if err != nil {
		t.Fatal(err)
	}
	root, bad := parse(data)
	if bad != nil {
		t.Fatal(bad)
	}
	places := rulePlaces()
	var out []covered
	for _, id := range root.keys {
		n := root.get(id)
		for _, k := range n.keys {
			if !slices.Contains([]string{"do", "code", "open", "note"}, k) {
				t.Errorf("coverage.yaml:%d: unknown key %q", n.line, k)
			}
		}
		c := covered{id: id, do: n.str("do"), note: n.str("note"), code: stringsOf[string](n.get("code")), open: stringsOf[string](n.get("open"))}
		c.packs = places[id]
		out = append(out, c)
	}
	return out
}

// rulePlaces finds, for each rule id, the topmost values of the packs that
// stand under it.
func rulePlaces() map[string][]string {
	out := map[string][]string{}
	for _, id := range Builtin().Packs() {
		p, _ := Builtin().Pack(id)
		all := slices.Clone(p.versions)
		for _, a := range p.Agreements() {
			all = append(all, p.agreements[a].versions...)
		}
		for _, l := range all {
			var down func(path keyPath, v *value, above []string)
			down = func(path keyPath, v *value, above []string) {
				for _, r := range v.rules {
					place := l.name() + " " + path.String()
					if !slices.Contains(above, r) && !slices.Contains(out[r], place) {
						out[r] = append(out[r], place)
					}
				}
				for _, k := range v.keys {
					down(append(slices.Clone(path), k), v.obj[k], v.rules)
				}
			}
			down(nil, l.terms, nil)
		}
	}
	return out
}

func TestCoverageNamesEveryRuleOnce(t *testing.T) {
	var got []string
	for _, c := range readCoverage(t) {
		got = append(got, c.id)
	}
	if want := ruleIDs(); !slices.Equal(got, want) {
		t.Errorf("rules in coverage.yaml:\n%v\nwant:\n%v", got, want)
	}
}

func TestCoverageIsHonest(t *testing.T) {
	places := regexp.MustCompile(`^(functions|shared|infra|local)(/[a-z0-9]+)*$`)
	for _, c := range readCoverage(t) {
		if !slices.Contains([]string{"S", "P", "O"}, c.do) {
			t.Errorf("%s: do is %q, want S, P or O", c.id, c.do)
		}
		if len(c.packs) == 0 {
			t.Errorf("%s: no value of a pack stands under it", c.id)
		}
		if c.do != "O" && len(c.code)+len(c.open) == 0 {
			t.Errorf("%s: neither enforced by code nor named as open", c.id)
		}
		for _, pkg := range c.code {
			if !mentions(t, pkg, c.id) {
				t.Errorf("%s: package %s does not name it in code or tests, or is not there", c.id, pkg)
			}
		}
		for _, pkg := range c.open {
			if !places.MatchString(pkg) {
				t.Errorf("%s: %q is no place of the layout", c.id, pkg)
			}
			if mentions(t, pkg, c.id) {
				t.Logf("%s: %s names it by now; move it from open to code", c.id, pkg)
			}
		}
	}
}

// TestRulesOfPacksExist keeps packs from naming rules that the digest lacks.
func TestRulesOfPacksExist(t *testing.T) {
	row := regexp.MustCompile(`^[KSMLP][0-9]{2}$`)
	for id, at := range rulePlaces() {
		if row.MatchString(id) && !slices.Contains(ruleIDs(), id) {
			t.Errorf("%s names rule %s, which does not exist", at[0], id)
		}
	}
}

// mentions reports whether a Go file of a package of the module names the rule.
func mentions(t *testing.T, pkg, id string) bool {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("..", "..", filepath.FromSlash(pkg), "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	word := regexp.MustCompile(`\b` + id + `\b`)
	for _, f := range files {
		if strings.HasSuffix(f, "coverage_test.go") {
			continue
		}
		if data, err := os.ReadFile(f); err == nil && word.Match(data) {
			return true
		}
	}
	return false
}

func generateCoverage(t *testing.T) []byte {
	t.Helper()
	names := map[string]string{"K": "K: the contact centre's general terms (packs/ekc.yaml)", "S": "S: Saopnet (packs/saopnet.yaml)", "M": "M: 2Mobile (packs/2mobile.yaml)", "L": "L: Laboss (packs/laboss.yaml)", "P": "P: the Slovak directive (packs/smernica-sk.yaml)"}
	do := map[string]string{"S": "computed", "P": "supported", "O": "organisational"}
	var b strings.Builder
	b.WriteString("# Where each rule is kept\n\nGenerated from coverage.yaml and the packs by `go generate ./shared/policy`; do not edit.\n\n" +
		"Computed rules are enforced by software, supported ones prepared for a person who decides, organisational ones recorded.\n" +
		"The packs hold the values (`okence policy explain PACK PATH` names the clause); \"open\" is where code is still to come.\n")
	rows := readCoverage(t)
	open := 0
	for i, c := range rows {
		if i == 0 || rows[i-1].id[:1] != c.id[:1] {
			fmt.Fprintf(&b, "\n## %s\n\n| rule | kind | in packs | enforced in | open | note |\n|---|---|---|---|---|---|\n", names[c.id[:1]])
		}
		if len(c.open) > 0 {
			open++
		}
		packs := make([]string, 0, 4)
		for _, p := range c.packs {
			if len(packs) == 3 && len(c.packs) > 4 {
				packs = append(packs, fmt.Sprintf("and %d more", len(c.packs)-3))
				break
			}
			packs = append(packs, "`"+strings.TrimSpace(p)+"`")
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %s | %s |\n", c.id, do[c.do], strings.Join(packs, ", "), strings.Join(c.code, ", "), strings.Join(c.open, ", "), c.note)
	}
	fmt.Fprintf(&b, "\n%d rules; %d have code still to come.\n", len(rows), open)
	return []byte(b.String())
}
