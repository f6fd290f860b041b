package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

// decisions is the folder of the decision records.
const decisions = "infra/decisions"

var (
	heading = regexp.MustCompile(`^# (\d{4})[.:]? (\S.*)\n`)
	changed = regexp.MustCompile(`(?m)^Changed by (.+)$`)
	linked  = regexp.MustCompile(`\]\((\d{4}-[^)]+)\)`)
)

// renderDecisions brings the index of the decision records up to date, where a
// module has any. A page is named NNNN-title.md and begins "# NNNN Title"; no
// number is taken twice; what changed a decision is there.
func renderDecisions(root string) ([]file, error) {
	index := decisions + "/README.md"
	readme, err := os.ReadFile(filepath.Join(root, index))
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	pages, err := filepath.Glob(filepath.Join(root, decisions, "[0-9]*.md"))
	if err != nil {
		return nil, err
	}
	var b strings.Builder
	b.WriteString("| | decision | changed by |\n|---|---|---|\n")
	last := ""
	for _, page := range pages { // in the order of their names
		name := filepath.Base(page)
		text, err := os.ReadFile(page)
		if err != nil {
			return nil, err
		}
		m := heading.FindSubmatch(text)
		switch {
		case m == nil:
			return nil, fmt.Errorf("%s/%s does not begin with a line # NNNN Title", decisions, name)
		case !strings.HasPrefix(name, string(m[1])+"-"):
			return nil, fmt.Errorf("%s/%s has another number in its heading", decisions, name)
		case string(m[1]) == last:
			return nil, fmt.Errorf("%s/%s: number %s is taken", decisions, name, last)
		}
		last = string(m[1])
		by := ""
		if c := changed.FindSubmatch(text); c != nil {
			by = string(c[1])
			for _, to := range linked.FindAllStringSubmatch(by, -1) {
				if _, err := os.Stat(filepath.Join(root, decisions, to[1])); err != nil {
					return nil, fmt.Errorf("%s/%s is changed by %s, which is not there", decisions, name, to[1])
				}
			}
		}
		fmt.Fprintf(&b, "| %s | [%s](%s) | %s |\n", m[1], m[2], name, by)
	}
	text, err := between(index, readme, b.String())
	return []file{{index, text}}, err
}
