package storetest

import (
	"bytes"
	"context"
	"fmt"
	"testing"

	"github.com/okence/okence/shared/fault"
	"github.com/okence/okence/shared/store"
)

func testGet(t *testing.T, s *suite) {
	s.must(t, s.put("a", "A"), s.put("b", "B"))
	docs, err := s.Get(ctx(), s.key("b"), s.key("missing"), s.key("a"), s.key("b"))
	if err != nil {
		t.Fatal(err)
	}
	want := []struct{ id, body string }{{"b", "B"}, {"missing", ""}, {"a", "A"}, {"b", "B"}}
	for i, w := range want {
		d := docs[i]
		if d.Key != s.key(w.id) || string(d.Body) != w.body || d.Exists() != (w.body != "") {
			t.Errorf("document %d is %s, version %q, body %q", i, d.Key, d.Version, d.Body)
		}
	}
	if docs[0].Version != docs[3].Version {
		t.Error("one key asked twice has two versions")
	}
	if docs, err = s.Get(ctx()); err != nil || len(docs) != 0 {
		t.Errorf("a get of nothing: %d documents, %v", len(docs), err)
	}
}

func testRefusedGets(t *testing.T, s *suite) {
	many := make([]store.Key, store.MaxKeys+1)
	for i := range many {
		many[i] = s.key(fmt.Sprint(i))
	}
	_, err := s.Get(ctx(), many...)
	wantKind(t, err, fault.TooLarge)
	_, err = s.Get(ctx(), many[:store.MaxKeys]...)
	wantKind(t, err, "")
	_, err = s.Get(ctx(), s.key("a"), store.Key{Tenant: s.tenant, Kind: "thing"})
	wantKind(t, err, fault.Invalid)
}

func testBodies(t *testing.T, s *suite) {
	body := []byte("written")
	op := store.Op{Key: s.key("a"), Act: store.Put, Body: body, Index: []store.Entry{entry("i", "p", "1")}}
	s.must(t, op)
	copy(body, "changed")
	op.Index[0].Partition = "q"
	d := s.get(t, "a")
	if string(d.Body) != "written" {
		t.Errorf("the body was retained: %q", d.Body)
	}
	s.wantIDs(t, s.query("i", "p"), "a")
	copy(d.Body, "changed")
	if again := s.get(t, "a"); string(again.Body) != "written" {
		t.Errorf("the body that get returned is shared: %q", again.Body)
	}
	found := s.all(t, s.query("i", "p"))[0]
	copy(found.Body, "changed")
	if again := s.get(t, "a"); string(again.Body) != "written" {
		t.Errorf("the body that query returned is shared: %q", again.Body)
	}
	every := make([]byte, 256)
	for i := range every {
		every[i] = byte(i)
	}
	for name, b := range map[string][]byte{"no body": nil, "an empty body": {}, "every byte": every, "a large body": bytes.Repeat(every, 1000)} {
		s.must(t, store.Op{Key: s.key("b"), Act: store.Put, Body: b})
		if d := s.get(t, "b"); !d.Exists() || !bytes.Equal(d.Body, b) {
			t.Errorf("%s: exists %t, %d bytes of %d", name, d.Exists(), len(d.Body), len(b))
		}
	}
}

func testTenants(t *testing.T, s *suite) {
	other := &suite{Store: s.Store, tenant: newTenant()}
	s.must(t, s.put("a", "mine", entry("i", "p", "1")))
	if other.get(t, "a").Exists() {
		t.Error("get sees a document of another tenant")
	}
	other.wantIDs(t, other.query("i", "p"))
	theirs := other.put("a", "theirs", entry("i", "p", "1"))
	theirs.Expect = store.Absent()
	other.must(t, theirs)
	other.must(t, other.remove("a"))
	if d := s.get(t, "a"); string(d.Body) != "mine" {
		t.Errorf("another tenant changed the document to %q", d.Body)
	}
	s.wantIDs(t, s.query("i", "p"), "a")
	// Names that run into each other when joined carelessly.
	s.must(t, store.Op{Key: s.key("x"), Act: store.Put, Index: []store.Entry{entry("j", "k/l", "1")}})
	s.wantIDs(t, s.query("j", "k"))
	s.wantIDs(t, s.query("j", "k/l"), "x")
}

func testCancelled(t *testing.T, s *suite) {
	s.must(t, s.put("a", "A", entry("i", "p", "1")))
	gone, cancel := context.WithCancel(ctx())
	cancel()
	wantKind(t, s.Commit(gone, s.put("b", "B")), fault.Unavailable)
	_, err := s.Get(gone, s.key("a"))
	wantKind(t, err, fault.Unavailable)
	_, err = s.Query(gone, s.query("i", "p"))
	wantKind(t, err, fault.Unavailable)
	s.must(t, s.put("a", "still works"))
}

func testClosed(t *testing.T, s *suite) {
	s.must(t, s.put("a", "A", entry("i", "p", "1")))
	for range 2 {
		if err := s.Close(); err != nil {
			t.Fatalf("close: %v", err)
		}
	}
	wantKind(t, s.Commit(ctx(), s.put("b", "B")), fault.Unavailable)
	_, err := s.Get(ctx(), s.key("a"))
	wantKind(t, err, fault.Unavailable)
	_, err = s.Query(ctx(), s.query("i", "p"))
	wantKind(t, err, fault.Unavailable)
}
