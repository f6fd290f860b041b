package storetest

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/okence/okence/shared/fault"
	"github.com/okence/okence/shared/store"
)

// modelDoc is a document as a naive model keeps it.
type modelDoc struct {
	body    string
	version string // as the store gave it
	index   []store.Entry
}

// testModel runs random commits and queries against the store and against a
// map, and wants the same answers.
func testModel(t *testing.T, s *suite) {
	rapid.Check(t, func(rt *rapid.T) {
		s := &suite{Store: s.Store, tenant: newTenant()}
		model := map[string]modelDoc{}
		rt.Repeat(map[string]func(*rapid.T){
			"commit": func(rt *rapid.T) { s.modelCommit(rt, model) },
			"query":  func(rt *rapid.T) { s.modelQuery(rt, model) },
		})
	})
}

var (
	modelIDs   = rapid.SampledFrom([]string{"a", "a/b", "b", "c", "d"})
	modelSorts = rapid.SampledFrom([]string{"", "1", "10", "2", "é"})
	modelParts = rapid.SampledFrom([]string{"p", "p/q"})
)

func (s *suite) modelCommit(rt *rapid.T, model map[string]modelDoc) {
	var ops []store.Op
	conflict := false
	for _, id := range rapid.SliceOfNDistinct(modelIDs, 1, 4, func(id string) string { return id }).Draw(rt, "ids") {
		was, exists := model[id]
		op := store.Op{Key: s.key(id), Act: rapid.SampledFrom([]store.Act{store.Put, store.Put, store.Delete, store.Check}).Draw(rt, "act")}
		switch rapid.IntRange(0, 6).Draw(rt, "expect") {
		case 0:
			op.Expect, conflict = store.Absent(), conflict || exists
		case 1:
			op.Expect, conflict = store.Present(), conflict || !exists
		case 2, 3:
			op.Expect = store.At(was.version)
		}
		if op.Act == store.Put {
			op.Body = []byte(rapid.StringN(0, 3, -1).Draw(rt, "body"))
			for _, index := range []string{"i", "j"} {
				if rapid.Bool().Draw(rt, index) {
					op.Index = append(op.Index, entry(index, modelParts.Draw(rt, "partition"), modelSorts.Draw(rt, "sort")))
				}
			}
		}
		ops = append(ops, op)
	}
	err := s.Commit(ctx(), ops...)
	if conflict {
		if !fault.Is(err, fault.Conflict) {
			rt.Fatalf("want a conflict, got %v", err)
		}
		return
	}
	if err != nil {
		rt.Fatalf("commit: %v", err)
	}
	for _, op := range ops {
		docs, err := s.Get(ctx(), op.Key)
		if err != nil {
			rt.Fatalf("get: %v", err)
		}
		was := model[op.Key.ID]
		switch op.Act {
		case store.Put:
			if string(docs[0].Body) != string(op.Body) || docs[0].Version == was.version {
				rt.Fatalf("%s holds %q at version %q", op.Key, docs[0].Body, docs[0].Version)
			}
			model[op.Key.ID] = modelDoc{string(op.Body), docs[0].Version, op.Index}
		case store.Delete:
			delete(model, op.Key.ID)
		}
		if is := model[op.Key.ID]; docs[0].Version != is.version || string(docs[0].Body) != is.body {
			rt.Fatalf("%s holds %q at version %q", op.Key, docs[0].Body, docs[0].Version)
		}
	}
}

func (s *suite) modelQuery(rt *rapid.T, model map[string]modelDoc) {
	q := s.query(rapid.SampledFrom([]string{"i", "j"}).Draw(rt, "index"), modelParts.Draw(rt, "partition"))
	q.From, q.To = modelSorts.Draw(rt, "from"), modelSorts.Draw(rt, "to")
	q.Desc, q.Limit = rapid.Bool().Draw(rt, "down"), rapid.IntRange(1, 4).Draw(rt, "limit")
	type hit struct{ sort, id string }
	var want []hit
	for id, d := range model {
		for _, e := range d.index {
			if e.Index == q.Index && e.Partition == q.Partition && e.Sort >= q.From && (q.To == "" || e.Sort < q.To) {
				want = append(want, hit{e.Sort, id})
			}
		}
	}
	slices.SortFunc(want, func(a, b hit) int {
		n := cmp.Or(strings.Compare(a.sort, b.sort), strings.Compare(a.id, b.id))
		if q.Desc {
			return -n
		}
		return n
	})
	var got []hit
	for range 100 {
		page, err := s.Query(ctx(), q)
		if err != nil {
			rt.Fatalf("query: %v", err)
		}
		for _, d := range page.Docs {
			is := model[d.Key.ID]
			if d.Version != is.version || string(d.Body) != is.body {
				rt.Fatalf("the index shows %s as %q at version %q", d.Key, d.Body, d.Version)
			}
			sort := ""
			for _, e := range is.index {
				if e.Index == q.Index {
					sort = e.Sort
				}
			}
			got = append(got, hit{sort, d.Key.ID})
		}
		if q.Token = page.Next; q.Token == "" {
			break
		}
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		rt.Fatalf("the query found %v, want %v", got, want)
	}
}
