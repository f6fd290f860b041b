package storetest

import (
	"context"
	"crypto/rand"
	"strings"
	"testing"
	"time"

	"github.com/okence/okence/shared/fault"
	"github.com/okence/okence/shared/store"
)

// Run holds a driver to the contract. Open returns a store for one test; it
// may be the same database each time, as every test has a tenant of its own.
// The suite closes what it opened.
func Run(t *testing.T, open func(t *testing.T) store.Store) {
	for _, c := range []struct {
		name string
		test func(*testing.T, *suite)
	}{
		{"an expectation decides whether an operation is applied", testExpectations},
		{"a commit is applied as a whole or not at all", testAllOrNothing},
		{"a commit of a hundred operations is applied", testFullCommit},
		{"a commit over a limit or against a rule is refused and changes nothing", testRefusedCommits},
		{"a key at the edge of the rules is stored and read", testKeys},
		{"a version changes with every write and never comes back", testVersions},
		{"get answers in the order asked, twice for a key asked twice", testGet},
		{"a get over a limit or against a rule is refused", testRefusedGets},
		{"a body is neither retained nor shared", testBodies},
		{"tenants do not see each other", testTenants},
		{"an index is in byte order of sort, then of key, both ways", testOrder},
		{"a range holds its start and not its end", testRange},
		{"entries are replaced and removed with their document", testEntries},
		{"paging visits each document once, whatever the page size", testPaging},
		{"paging visits what stays while others write", testPagingWhileWriting},
		{"a query against a rule is refused", testRefusedQueries},
		{"a token is refused by another query, and when changed", testTokens},
		{"a cancelled context is unavailable", testCancelled},
		{"of fifty who create one key one wins", testOneWinner},
		{"increments at a version lose nothing", testIncrements},
		{"a get of two keys never sees half a commit", testNoHalfCommit},
		{"a history of gets and commits is linearizable", testLinearizable},
		{"any sequence of commits and queries does what a simple model does", testModel},
		{"a closed store is unavailable", testClosed},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := open(t)
			t.Cleanup(func() {
				if err := s.Close(); err != nil {
					t.Errorf("close: %v", err)
				}
			})
			c.test(t, &suite{Store: s, tenant: newTenant()})
		})
	}
}

// RunDurable checks that what was committed is there when the same data is
// opened again. Prepare makes one set of data and returns what opens it; the
// suite opens it again only after it has closed it.
func RunDurable(t *testing.T, prepare func(t *testing.T) (open func() store.Store)) {
	t.Run("what was committed is there after reopening", func(t *testing.T) {
		open := prepare(t)
		s := &suite{Store: open(), tenant: newTenant()}
		s.must(t, s.put("a", "one", entry("i", "p", "1")), s.put("b", "two", entry("i", "p", "2")))
		s.must(t, s.put("a", "three", entry("i", "p", "3")), s.remove("b"))
		before := s.get(t, "a")
		if err := s.Close(); err != nil {
			t.Fatalf("close: %v", err)
		}
		s.Store = open()
		defer func() { _ = s.Close() }()
		if after := s.get(t, "a"); string(after.Body) != "three" || after.Version != before.Version {
			t.Errorf("body %q at version %q, want that of version %q", after.Body, after.Version, before.Version)
		}
		if s.get(t, "b").Exists() {
			t.Error("a deleted document came back")
		}
		s.wantIDs(t, s.query("i", "p"), "a")
		s.must(t, store.Op{Key: s.key("a"), Act: store.Delete, Expect: store.At(before.Version)})
	})
}

// suite is a store and the tenant of one test.
type suite struct {
	store.Store
	tenant string
}

func newTenant() string { return "t" + strings.ToLower(rand.Text()[:12]) }

func ctx() context.Context { return context.Background() }

func (s *suite) key(id string) store.Key { return store.Key{Tenant: s.tenant, Kind: "thing", ID: id} }

func entry(index, partition, sort string) store.Entry {
	return store.Entry{Index: index, Partition: partition, Sort: sort}
}

func (s *suite) put(id, body string, index ...store.Entry) store.Op {
	return store.Op{Key: s.key(id), Act: store.Put, Body: []byte(body), Index: index}
}

func (s *suite) remove(id string) store.Op { return store.Op{Key: s.key(id), Act: store.Delete} }

func (s *suite) query(index, partition string) store.Query {
	return store.Query{Tenant: s.tenant, Index: index, Partition: partition}
}

func (s *suite) must(t *testing.T, ops ...store.Op) {
	t.Helper()
	if err := s.Commit(ctx(), ops...); err != nil {
		t.Fatalf("commit: %v", err)
	}
}

func (s *suite) get(t *testing.T, id string) store.Doc {
	t.Helper()
	docs, err := s.Get(ctx(), s.key(id))
	if err != nil || len(docs) != 1 {
		t.Fatalf("get: %d documents, %v", len(docs), err)
	}
	return docs[0]
}

// all follows a query to its end.
func (s *suite) all(t *testing.T, q store.Query) []store.Doc {
	t.Helper()
	var docs []store.Doc
	for range 10_000 {
		page, err := s.Query(ctx(), q)
		if err != nil {
			t.Fatalf("query: %v", err)
		}
		limit := q.Limit
		if limit == 0 {
			limit = 100
		}
		if len(page.Docs) > limit {
			t.Fatalf("%d documents on a page of at most %d", len(page.Docs), limit)
		}
		docs = append(docs, page.Docs...)
		if q.Token = page.Next; q.Token == "" {
			return docs
		}
	}
	t.Fatal("the query does not end")
	return nil
}

func ids(docs []store.Doc) []string {
	names := []string{}
	for _, d := range docs {
		names = append(names, d.Key.ID)
	}
	return names
}

// wantIDs follows the query and compares. An index may lag: up to two seconds
// it is asked again.
func (s *suite) wantIDs(t *testing.T, q store.Query, want ...string) {
	t.Helper()
	for since := time.Now(); ; time.Sleep(20 * time.Millisecond) {
		got := ids(s.all(t, q))
		if strings.Join(got, " ") == strings.Join(want, " ") {
			return
		}
		if time.Since(since) > 2*time.Second {
			t.Errorf("index holds %q, want %q", got, want)
			return
		}
	}
}

func wantKind(t *testing.T, err error, want fault.Kind) {
	t.Helper()
	if got := fault.Of(err); got != want {
		t.Errorf("error %v of kind %q, want %q", err, got, want)
	}
}
