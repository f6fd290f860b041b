package storetest

import (
	"fmt"
	"strings"
	"testing"

	"github.com/okence/okence/shared/fault"
	"github.com/okence/okence/shared/store"
)

func testExpectations(t *testing.T, s *suite) {
	expectations := []struct {
		name           string
		expect         func(current, stale string) store.Expect
		onAbsent, onIs bool // whether it holds
	}{
		{"nothing", func(string, string) store.Expect { return store.Any() }, true, true},
		{"absent", func(string, string) store.Expect { return store.Absent() }, true, false},
		{"present", func(string, string) store.Expect { return store.Present() }, false, true},
		{"the version read", func(current, _ string) store.Expect { return store.At(current) }, true, true},
		{"a version before", func(_, stale string) store.Expect { return store.At(stale) }, false, false},
		{"a version that never was", func(string, string) store.Expect { return store.At("never was") }, false, false},
	}
	n := 0
	for _, act := range []store.Act{store.Put, store.Delete, store.Check} {
		for _, exists := range []bool{false, true} {
			for _, e := range expectations {
				t.Run(fmt.Sprintf("%s expecting %s of a document that exists: %t", act, e.name, exists), func(t *testing.T) {
					n++
					id := fmt.Sprintf("d%d", n)
					s.must(t, s.put(id, "first"))
					stale := s.get(t, id).Version
					s.must(t, s.put(id, "second"))
					holds := e.onIs
					if !exists {
						s.must(t, s.remove(id))
						holds = e.onAbsent
					}
					was := s.get(t, id)
					op := store.Op{Key: s.key(id), Act: act, Expect: e.expect(was.Version, stale)}
					if act == store.Put {
						op.Body = []byte("third")
					}
					err := s.Commit(ctx(), op)
					is := s.get(t, id)
					if !holds {
						wantKind(t, err, fault.Conflict)
						if is.Version != was.Version || string(is.Body) != string(was.Body) {
							t.Error("a refused operation changed the document")
						}
						return
					}
					if err != nil {
						t.Fatal(err)
					}
					switch act {
					case store.Put:
						if string(is.Body) != "third" || is.Version == was.Version {
							t.Errorf("body %q at version %q", is.Body, is.Version)
						}
					case store.Delete:
						if is.Exists() || len(is.Body) != 0 {
							t.Error("the document is still there")
						}
					case store.Check:
						if is.Version != was.Version || string(is.Body) != string(was.Body) {
							t.Error("a check changed the document")
						}
					}
				})
			}
		}
	}
}

func testAllOrNothing(t *testing.T, s *suite) {
	s.must(t, s.put("kept", "old", entry("i", "p", "1")), s.put("other", "old"))
	for at, name := range []string{"first", "in the middle", "last"} {
		t.Run("the operation that does not hold is "+name, func(t *testing.T) {
			ops := []store.Op{
				s.put("kept", "new", entry("i", "p", "9")),
				s.put(fmt.Sprintf("new%d", at), "new", entry("i", "p", "5")),
			}
			wrong := store.Op{Key: s.key("other"), Act: store.Check, Expect: store.Absent()}
			ops = append(ops[:at], append([]store.Op{wrong}, ops[at:]...)...)
			wantKind(t, s.Commit(ctx(), ops...), fault.Conflict)
			if d := s.get(t, "kept"); string(d.Body) != "old" {
				t.Errorf("body %q", d.Body)
			}
			if s.get(t, fmt.Sprintf("new%d", at)).Exists() {
				t.Error("a document of a refused commit is there")
			}
			docs := s.all(t, s.query("i", "p"))
			if len(docs) != 1 || docs[0].Key.ID != "kept" {
				t.Errorf("index holds %q", ids(docs))
			}
		})
	}
}

func testFullCommit(t *testing.T, s *suite) {
	var ops []store.Op
	var keys []store.Key
	for i := range store.MaxOps {
		id := fmt.Sprintf("d%03d", i)
		ops = append(ops, s.put(id, id, entry("i", "p", id)))
		ops[i].Expect = store.Absent()
		keys = append(keys, s.key(id))
	}
	s.must(t, ops...)
	docs, err := s.Get(ctx(), keys...)
	if err != nil {
		t.Fatal(err)
	}
	for i, d := range docs {
		if string(d.Body) != d.Key.ID || d.Key != keys[i] {
			t.Errorf("document %d is %s with body %q", i, d.Key, d.Body)
		}
	}
	if got := len(s.all(t, s.query("i", "p"))); got != store.MaxOps {
		t.Errorf("%d documents in the index", got)
	}
	wantKind(t, s.Commit(ctx(), ops...), fault.Conflict)
}

func testRefusedCommits(t *testing.T, s *suite) {
	five := func(sort string) (list []store.Entry) {
		for i := range store.MaxEntries {
			list = append(list, entry(fmt.Sprintf("i%d", i), "p", sort))
		}
		return list
	}
	cases := []struct {
		name string
		ops  []store.Op
		want fault.Kind
	}{
		{"no operation", nil, fault.Invalid},
		{"two operations on one key", []store.Op{s.put("a", "1"), s.remove("a")}, fault.Invalid},
		{"an act that is not known", []store.Op{{Key: s.key("a"), Act: "upsert"}}, fault.Invalid},
		{"an expectation that is not known", []store.Op{{Key: s.key("a"), Act: store.Put, Expect: store.Expect{State: "maybe"}}}, fault.Invalid},
		{"a version without the state", []store.Op{{Key: s.key("a"), Act: store.Put, Expect: store.Expect{Version: "1"}}}, fault.Invalid},
		{"the state without a version", []store.Op{{Key: s.key("a"), Act: store.Put, Expect: store.Expect{State: "version"}}}, fault.Invalid},
		{"a body one byte too long", []store.Op{s.put("a", strings.Repeat("x", store.MaxBody+1))}, fault.TooLarge},
		{"a longest body", []store.Op{s.put("fits", strings.Repeat("x", store.MaxBody))}, ""},
		{"bodies that together are too long", fill(s, store.MaxCommit+1), fault.TooLarge},
		{"bodies that together are just not too long", fill(s, store.MaxCommit), ""},
		{"an entry too many", []store.Op{s.put("a", "", append(five("1"), entry("i9", "p", ""))...)}, fault.TooLarge},
		{"the most entries", []store.Op{s.put("fits", "", five("1")...)}, ""},
		{"two entries in one index", []store.Op{s.put("a", "", entry("i", "p", "1"), entry("i", "q", "1"))}, fault.Invalid},
		{"an entry without an index", []store.Op{s.put("a", "", entry("", "p", "1"))}, fault.Invalid},
		{"an entry without a partition", []store.Op{s.put("a", "", entry("i", "", "1"))}, fault.Invalid},
		{"an entry without a sort", []store.Op{s.put("fits", "", entry("i", "p", ""))}, ""},
		{"an index with a slash", []store.Op{s.put("a", "", entry("i/i", "p", "1"))}, fault.Invalid},
		{"a partition with a slash", []store.Op{s.put("fits", "", entry("i", "p/p", "1"))}, ""},
		{"a longest sort", []store.Op{s.put("fits", "", entry("i", "p", strings.Repeat("s", store.MaxSort)))}, ""},
		{"a sort one byte too long", []store.Op{s.put("a", "", entry("i", "p", strings.Repeat("s", store.MaxSort+1)))}, fault.TooLarge},
		{"a sort that is not UTF-8", []store.Op{s.put("a", "", entry("i", "p", "\xff"))}, fault.Invalid},
		{"a sort with a control character", []store.Op{s.put("a", "", entry("i", "p", "a\x00b"))}, fault.Invalid},
		{"a partition with a control character", []store.Op{s.put("a", "", entry("i", "p\n", "a"))}, fault.Invalid},
		{"a delete with a body", []store.Op{{Key: s.key("a"), Act: store.Delete, Body: []byte("x")}}, fault.Invalid},
		{"a check with entries", []store.Op{{Key: s.key("a"), Act: store.Check, Index: five("1")}}, fault.Invalid},
		{"a key against the rules", []store.Op{{Key: store.Key{Tenant: s.tenant, Kind: "a/b", ID: "1"}, Act: store.Put}}, fault.Invalid},
	}
	var many []store.Op
	for i := range store.MaxOps + 1 {
		many = append(many, s.put(fmt.Sprintf("m%d", i), ""))
	}
	cases = append(cases, struct {
		name string
		ops  []store.Op
		want fault.Kind
	}{"an operation too many", many, fault.TooLarge})
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			// A good operation beside the bad one must not be applied either.
			ops := c.ops
			if c.want != "" && len(ops) > 0 && len(ops) < store.MaxOps {
				ops = append([]store.Op{s.put("beside", "")}, ops...)
			}
			wantKind(t, s.Commit(ctx(), ops...), c.want)
			if c.want != "" && (s.get(t, "beside").Exists() || s.get(t, "a").Exists()) {
				t.Error("a refused commit was applied")
			}
		})
	}
}

// fill returns puts whose bodies are n bytes together.
func fill(s *suite, n int) (ops []store.Op) {
	for n > 0 {
		size := min(n, store.MaxBody)
		ops = append(ops, s.put(fmt.Sprintf("fill%d", len(ops)), strings.Repeat("x", size)))
		n -= size
	}
	return ops
}

func testKeys(t *testing.T, s *suite) {
	room := store.MaxKey - len(s.tenant) - len("k")
	for _, c := range []struct {
		name     string
		kind, id string
		want     fault.Kind
	}{
		{"an id with slashes", "k", "a/b//c", ""},
		{"an id that is a slash", "k", "/", ""},
		{"a kind and an id that together read like another", "k", "x/k", ""},
		{"letters beyond ASCII", "vrsta", "žabica-ľ-文", ""},
		{"a longest key", "k", strings.Repeat("x", room), ""},
		{"a key one byte too long", "k", strings.Repeat("x", room+1), fault.Invalid},
		{"an empty id", "k", "", fault.Invalid},
		{"an empty kind", "", "x", fault.Invalid},
		{"a kind with a slash", "a/b", "x", fault.Invalid},
		{"an id with a zero byte", "k", "a\x00b", fault.Invalid},
		{"an id with a newline", "k", "a\nb", fault.Invalid},
		{"an id with a delete character", "k", "a\x7fb", fault.Invalid},
		{"an id with a C1 control character", "k", "a\u0085b", fault.Invalid},
		{"an id that is not UTF-8", "k", "a\xc3", fault.Invalid},
	} {
		t.Run(c.name, func(t *testing.T) {
			k := store.Key{Tenant: s.tenant, Kind: c.kind, ID: c.id}
			wantKind(t, s.Commit(ctx(), store.Op{Key: k, Act: store.Put, Expect: store.Absent(), Body: []byte(c.name),
				Index: []store.Entry{entry("keys", "p", "")}}), c.want)
			docs, err := s.Get(ctx(), k)
			wantKind(t, err, c.want)
			if c.want == "" && (docs[0].Key != k || string(docs[0].Body) != c.name) {
				t.Errorf("read %s with body %q", docs[0].Key, docs[0].Body)
			}
		})
	}
	for _, d := range s.all(t, s.query("keys", "p")) {
		again, err := s.Get(ctx(), d.Key)
		if err != nil || again[0].Version != d.Version {
			t.Errorf("the index names %s, which get does not know: %v", d.Key, err)
		}
	}
}

func testVersions(t *testing.T, s *suite) {
	seen := map[string]bool{}
	for i := range 20 {
		s.must(t, s.put("a", "same"))
		v := s.get(t, "a").Version
		if v == "" || seen[v] {
			t.Fatalf("write %d: version %q is empty or was there before", i, v)
		}
		seen[v] = true
		if i%3 == 0 {
			s.must(t, s.remove("a"))
		}
	}
}
