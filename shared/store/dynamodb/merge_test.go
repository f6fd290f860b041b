package dynamodb

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestFiveIndexesAreMergedIntoOne(t *testing.T) {
	for _, c := range []struct {
		name  string
		runs  []run
		desc  bool
		limit int
		want  string
		more  bool
	}{
		{"nothing", make([]run, 5), false, 10, "", false},
		{"one", []run{{places: []string{"a", "b"}}, {}}, false, 10, "a b", false},
		{"two, interleaved", []run{{places: []string{"a", "c"}}, {places: []string{"b", "d"}}}, false, 10, "a b c d", false},
		{"one that is in both", []run{{places: []string{"a", "b"}}, {places: []string{"b", "c"}}}, false, 3, "a b c", false},
		{"downward", []run{{places: []string{"c", "a"}}, {places: []string{"d", "b"}}}, true, 10, "d c b a", false},
		{"just the limit", []run{{places: []string{"a", "c"}}, {places: []string{"b"}}}, false, 3, "a b c", false},
		{"one over the limit", []run{{places: []string{"a", "c"}}, {places: []string{"b"}}}, false, 2, "a b", true},
		{"an index that was cut bounds the others", []run{{places: []string{"a", "c"}, more: true}, {places: []string{"b", "d"}}}, false, 10, "a b c", true},
		{"two that were cut: the earlier end", []run{{places: []string{"a", "e"}, more: true}, {places: []string{"b", "c"}, more: true}}, false, 10, "a b c", true},
		{"cut, downward", []run{{places: []string{"d", "c"}, more: true}, {places: []string{"e", "b"}}}, true, 10, "e d c", true},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, more := merge(c.runs, c.desc, c.limit)
			if strings.Join(got, " ") != c.want || more != c.more {
				t.Errorf("%q, more %t", got, more)
			}
		})
	}
}

// Page by page, whatever each index chooses to answer, every place comes once
// and in order.
func TestPagesOfMergedIndexesVisitEachPlaceOnce(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		all := rapid.SliceOfDistinct(rapid.StringMatching(`[a-d]{1,3}`), rapid.ID[string]).Draw(t, "places")
		desc, limit := rapid.Bool().Draw(t, "desc"), rapid.IntRange(1, 4).Draw(t, "limit")
		slices.Sort(all)
		if desc {
			slices.Reverse(all)
		}
		home := make([]int, len(all))
		for i := range home {
			home[i] = rapid.IntRange(0, 4).Draw(t, "index")
		}
		var got []string
		for from := 0; ; {
			runs := make([]run, 5)
			for n := range runs {
				answered := rapid.IntRange(1, limit+2).Draw(t, "answered")
				for i := from; i < len(all); i++ {
					if home[i] != n {
						continue
					}
					if len(runs[n].places) == answered {
						runs[n].more = true
						break
					}
					runs[n].places = append(runs[n].places, all[i])
				}
			}
			page, more := merge(runs, desc, limit)
			got = append(got, page...)
			if !more {
				break
			}
			if len(page) == 0 {
				t.Fatal("more follows, and nothing came")
			}
			from = slices.Index(all, page[len(page)-1]) + 1
		}
		if fmt.Sprint(got) != fmt.Sprint(all) {
			t.Fatalf("%v, want %v", got, all)
		}
	})
}
