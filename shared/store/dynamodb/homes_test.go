package dynamodb

import (
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/okence/okence/shared/store"
)

// Wherever an entry is put, a query by its name asks there; no two entries of a
// document are in one place, and none is left out.
func TestAQueryAsksWhereEntriesAre(t *testing.T) {
	names := []string{"state", "retention", "time", "conversation", "owner", "owner2", "due", "expiry", "node", "contact"}
	rapid.Check(t, func(t *rapid.T) {
		chosen := rapid.SliceOfNDistinct(rapid.SampledFrom(names), 0, store.MaxEntries, rapid.ID[string]).Draw(t, "names")
		var entries []store.Entry
		for _, n := range chosen {
			entries = append(entries, store.Entry{Index: n, Partition: "p"})
		}
		found := 0
		for i, e := range spread(entries) {
			if e.Index == "" {
				continue
			}
			found++
			if !slices.Contains(chosen, e.Index) || !slices.Contains(asked(e.Index), i+1) {
				t.Fatalf("%s stands in %d, and is sought in %v", e.Index, i+1, asked(e.Index))
			}
		}
		if found != len(chosen) {
			t.Fatalf("%d of %d entries", found, len(chosen))
		}
	})
}

func TestEachHomeIsOneName(t *testing.T) {
	seen := map[int]string{}
	for name, n := range homes {
		if n < 1 || n > store.MaxEntries || seen[n] != "" {
			t.Errorf("%s and %s have home %d", name, seen[n], n)
		}
		seen[n] = name
		if got := fmt.Sprint(asked(name)); got != fmt.Sprint([]int{n}) {
			t.Errorf("%s is sought in %s", name, got)
		}
	}
	if len(asked("other")) != store.MaxEntries {
		t.Error("a name without a home may stand in any of them")
	}
}
