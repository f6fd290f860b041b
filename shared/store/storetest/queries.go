package storetest

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/okence/okence/shared/fault"
	"github.com/okence/okence/shared/store"
)

func testOrder(t *testing.T, s *suite) {
	sorts := []string{"", " ", "!", "-", "0", "00", "1", "10", "2", "A", "B", "a", "aa", "ab", "b", "z", "~", "ß", "č", "ž", "€", "文", "😀"}
	var ops []store.Op
	for i := range sorts { // put in another order than they sort
		sort := sorts[(i*7)%len(sorts)]
		ops = append(ops, s.put("id "+sort, sort, entry("i", "p", sort)))
	}
	s.must(t, ops...)
	var want []string
	for _, sort := range sorts {
		want = append(want, "id "+sort)
	}
	if got := ids(s.all(t, s.query("i", "p"))); !slices.Equal(got, want) {
		t.Errorf("up: %q", got)
	}
	q := s.query("i", "p")
	q.Desc = true
	slices.Reverse(want)
	if got := ids(s.all(t, q)); !slices.Equal(got, want) {
		t.Errorf("down: %q", got)
	}

	var same []store.Op
	for _, k := range [][2]string{{"b", "1"}, {"a", "2"}, {"a-b", "0"}, {"a", "1"}, {"a", "1/x"}} {
		same = append(same, store.Op{Key: store.Key{Tenant: s.tenant, Kind: k[0], ID: k[1]}, Act: store.Put, Index: []store.Entry{entry("same", "p", "s")}})
	}
	s.must(t, same...)
	want = []string{"0", "1", "1/x", "2", "1"} // a-b/0 a/1 a/1/x a/2 b/1
	for limit := 1; limit <= 6; limit++ {
		q := s.query("same", "p")
		q.Limit = limit
		if got := ids(s.all(t, q)); !slices.Equal(got, want) {
			t.Errorf("one sort, pages of %d: %q", limit, got)
		}
		q.Desc = true
		got := ids(s.all(t, q))
		slices.Reverse(got)
		if !slices.Equal(got, want) {
			t.Errorf("one sort, pages of %d, down: %q reversed", limit, got)
		}
	}
}

func testRange(t *testing.T, s *suite) {
	for _, id := range []string{"a", "b", "bb", "c"} {
		s.must(t, s.put(id, "", entry("i", "p", id)))
	}
	for _, c := range []struct {
		name, from, to string
		want           string
	}{
		{"all", "", "", "a b bb c"},
		{"from a sort that is there", "b", "", "b bb c"},
		{"from one just behind it", "b ", "", "bb c"},
		{"to a sort that is there", "", "bb", "a b"},
		{"to one just behind it", "", "bb ", "a b bb"},
		{"between", "b", "c", "b bb"},
		{"one", "b", "b ", "b"},
		{"empty, the ends alike", "b", "b", ""},
		{"empty, the ends exchanged", "c", "a", ""},
		{"before all", "", "a", ""},
		{"behind all", "d", "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			for _, limit := range []int{0, 1} {
				q := s.query("i", "p")
				q.From, q.To, q.Limit = c.from, c.to, limit
				if got := strings.Join(ids(s.all(t, q)), " "); got != c.want {
					t.Errorf("up, limit %d: %q, want %q", limit, got, c.want)
				}
				q.Desc = true
				down := ids(s.all(t, q))
				slices.Reverse(down)
				if got := strings.Join(down, " "); got != c.want {
					t.Errorf("down, limit %d: %q reversed, want %q", limit, got, c.want)
				}
			}
		})
	}
}

func testEntries(t *testing.T, s *suite) {
	s.must(t, s.put("a", "1", entry("i", "p", "1"), entry("j", "p", "1")))
	s.must(t, s.put("a", "2", entry("i", "p", "1"), entry("j", "q", "2")))
	s.wantIDs(t, s.query("i", "p"), "a")
	s.wantIDs(t, s.query("j", "p"))
	s.wantIDs(t, s.query("j", "q"), "a")
	if d := s.all(t, s.query("i", "p")); string(d[0].Body) != "2" || d[0].Version != s.get(t, "a").Version {
		t.Error("the index shows the document as it was before")
	}
	s.must(t, s.put("a", "3", entry("j", "q", "0"))) // no longer in i, moved in j
	s.wantIDs(t, s.query("i", "p"))
	q := s.query("j", "q")
	q.To = "1"
	s.wantIDs(t, q, "a")
	s.must(t, store.Op{Key: s.key("a"), Act: store.Check, Expect: store.Present()})
	s.wantIDs(t, s.query("j", "q"), "a")
	s.must(t, s.remove("a"))
	s.wantIDs(t, s.query("j", "q"))
	s.must(t, s.put("a", "4"))
	s.wantIDs(t, s.query("j", "q"))
}

func testPaging(t *testing.T, s *suite) {
	var want []string
	for i := range 23 {
		id := fmt.Sprintf("d%02d", i)
		want = append(want, id)
		s.must(t, s.put(id, "", entry("i", "p", fmt.Sprintf("s%02d", i/3)), entry("j", "other", id)))
	}
	for _, desc := range []bool{false, true} {
		for _, limit := range []int{1, 2, 3, 7, 22, 23, 24, 0, store.MaxPage} {
			q := s.query("i", "p")
			q.Limit, q.Desc = limit, desc
			got := ids(s.all(t, q))
			if desc {
				slices.Reverse(got)
			}
			if !slices.Equal(got, want) {
				t.Errorf("pages of %d, down %t: %q", limit, desc, got)
			}
		}
	}
	q := s.query("i", "p") // a token with another limit and a narrower range
	q.Limit = 4
	page, err := s.Query(ctx(), q)
	if err != nil || page.Next == "" {
		t.Fatalf("no second page: %v", err)
	}
	q.Token, q.Limit, q.From, q.To = page.Next, 50, "s02", "s04"
	s.wantIDs(t, q, want[6:12]...)
}

func testPagingWhileWriting(t *testing.T, s *suite) {
	const stay = 60
	var want []string
	for i := range stay {
		id := fmt.Sprintf("stay%02d", i)
		want = append(want, id)
		s.must(t, s.put(id, "", entry("i", "p", fmt.Sprintf("%02d", i))), s.put(fmt.Sprintf("go%02d", i), "", entry("i", "p", fmt.Sprintf("%02d", i))))
	}
	stop := make(chan struct{})
	var writers sync.WaitGroup
	for w := range 2 {
		writers.Go(func() {
			for i := w; ; i += 2 {
				select {
				case <-stop:
					return
				default:
				}
				id := fmt.Sprintf("go%02d", i%stay)
				op := s.put(id, "", entry("i", "p", fmt.Sprintf("%02d x", (i*31)%stay)))
				if i%3 == 0 {
					op = s.remove(id)
				}
				if err := s.Commit(ctx(), op, s.put(fmt.Sprintf("stay%02d", (i*17)%stay), "again", entry("i", "p", fmt.Sprintf("%02d", (i*17)%stay)))); err != nil {
					t.Errorf("commit: %v", err)
					return
				}
			}
		})
	}
	defer writers.Wait()
	defer close(stop)
	for _, desc := range []bool{false, true} {
		for range 5 {
			q := s.query("i", "p")
			q.Limit, q.Desc = 7, desc
			var got []string
			for _, d := range s.all(t, q) {
				if strings.HasPrefix(d.Key.ID, "stay") {
					got = append(got, d.Key.ID)
				}
			}
			if desc {
				slices.Reverse(got)
			}
			if !slices.Equal(got, want) {
				t.Errorf("down %t: %d of %d who stayed were visited: %q", desc, len(got), stay, got)
			}
		}
	}
}

func testRefusedQueries(t *testing.T, s *suite) {
	for _, c := range []struct {
		name   string
		change func(*store.Query)
		want   fault.Kind
	}{
		{"no limit", func(q *store.Query) { q.Limit = 0 }, ""},
		{"the largest limit", func(q *store.Query) { q.Limit = store.MaxPage }, ""},
		{"a larger limit", func(q *store.Query) { q.Limit = store.MaxPage + 1 }, fault.TooLarge},
		{"a negative limit", func(q *store.Query) { q.Limit = -1 }, fault.Invalid},
		{"no tenant", func(q *store.Query) { q.Tenant = "" }, fault.Invalid},
		{"a tenant with a slash", func(q *store.Query) { q.Tenant = "a/b" }, fault.Invalid},
		{"no index", func(q *store.Query) { q.Index = "" }, fault.Invalid},
		{"no partition", func(q *store.Query) { q.Partition = "" }, fault.Invalid},
		{"a start that is not UTF-8", func(q *store.Query) { q.From = "\xff" }, fault.Invalid},
		{"an end with a zero byte", func(q *store.Query) { q.To = "a\x00" }, fault.Invalid},
	} {
		t.Run(c.name, func(t *testing.T) {
			q := s.query("i", "p")
			c.change(&q)
			_, err := s.Query(ctx(), q)
			wantKind(t, err, c.want)
		})
	}
}

func testTokens(t *testing.T, s *suite) {
	for i := range 4 {
		id := fmt.Sprintf("d%d", i)
		s.must(t, s.put(id, "", entry("i", "p", id), entry("j", "p", id)))
	}
	q := s.query("i", "p")
	q.Limit = 2
	page, err := s.Query(ctx(), q)
	if err != nil || page.Next == "" {
		t.Fatalf("no token: %v", err)
	}
	for _, c := range []struct {
		name   string
		change func(*store.Query)
	}{
		{"of another tenant", func(q *store.Query) { q.Tenant = newTenant() }},
		{"of another index", func(q *store.Query) { q.Index = "j" }},
		{"of another partition", func(q *store.Query) { q.Partition = "q" }},
		{"of the other direction", func(q *store.Query) { q.Desc = true }},
		{"with a token cut short", func(q *store.Query) { q.Token = q.Token[:len(q.Token)-1] }},
		{"with a longer token", func(q *store.Query) { q.Token += "AAAA" }},
		{"with a token that is no token", func(q *store.Query) { q.Token = "no token!" }},
		{"with a huge token", func(q *store.Query) { q.Token = strings.Repeat("A", 1<<16) }},
	} {
		t.Run("a query "+c.name, func(t *testing.T) {
			q := q
			q.Token = page.Next
			c.change(&q)
			_, err := s.Query(ctx(), q)
			wantKind(t, err, fault.Invalid)
		})
	}
	for i := range page.Next {
		changed := []byte(page.Next)
		changed[i] ^= 1
		q.Token = string(changed)
		if _, err := s.Query(ctx(), q); !fault.Is(err, fault.Invalid) {
			t.Errorf("a token changed at %d: %v", i, err)
		}
	}
	q.Token = page.Next
	s.wantIDs(t, q, "d2", "d3")
}
