// Package blobtest is the contract of the object storage port as tests, and
// the wrapper that makes a store fail. A driver's test is one line:
//
//	blobtest.Run(t, func(t *testing.T) blob.Store { … })
package blobtest

import (
	"bytes"
	"context"
	"crypto/rand"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/okence/okence/shared/blob"
	"github.com/okence/okence/shared/fault"
)

// Run holds a driver to the contract. Open returns a store for one test; it
// may be the same bucket each time, as every test has a tenant of its own. The
// suite closes what it opened.
func Run(t *testing.T, open func(t *testing.T) blob.Store) {
	for _, c := range []struct {
		name string
		test func(*testing.T, *suite)
	}{
		{"what was put is got, and neither retained nor shared", testPutGet},
		{"a name is taken once, by the same bytes as often as one likes", testOnce},
		{"of twenty who put different bytes one wins", testOneWinner},
		{"a get over its limit is refused", testLimit},
		{"a deleted blob is gone, and may be deleted again and put anew", testDelete},
		{"a name may be the beginning of another", testNested},
		{"a name against the rules is refused", testNames},
		{"a list is in byte order, of one prefix, with sizes and times", testList},
		{"a list of several pages visits each blob once", testPages},
		{"a cancelled context is unavailable", testCancelled},
		{"a closed store is unavailable", testClosed},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := open(t)
			t.Cleanup(func() {
				if err := s.Close(); err != nil {
					t.Errorf("close: %v", err)
				}
			})
			c.test(t, &suite{Store: s, tenant: "t" + rand.Text()[:12]})
		})
	}
}

type suite struct {
	blob.Store
	tenant string
}

func ctx() context.Context { return context.Background() }

func (s *suite) name(rest string) string { return s.tenant + "/" + rest }

func (s *suite) put(t *testing.T, rest, text string) {
	t.Helper()
	if err := s.Put(ctx(), s.name(rest), []byte(text)); err != nil {
		t.Fatalf("put: %v", err)
	}
}

func (s *suite) want(t *testing.T, rest, text string) {
	t.Helper()
	b, err := s.Get(ctx(), s.name(rest), 1<<20)
	if err != nil || string(b) != text {
		t.Errorf("%s holds %q, %v, want %q", rest, b, err, text)
	}
}

func wantKind(t *testing.T, err error, want fault.Kind) {
	t.Helper()
	if got := fault.Of(err); got != want {
		t.Errorf("error %v of kind %q, want %q", err, got, want)
	}
}

func testPutGet(t *testing.T, s *suite) {
	every := make([]byte, 256)
	for i := range every {
		every[i] = byte(i)
	}
	for i, b := range [][]byte{{}, nil, []byte("x"), every, bytes.Repeat(every, 5000)} {
		name := s.name(fmt.Sprint(i))
		mine := bytes.Clone(b)
		if err := s.Put(ctx(), name, mine); err != nil {
			t.Fatal(err)
		}
		clear(mine)
		for range 2 {
			got, err := s.Get(ctx(), name, int64(len(b)))
			if err != nil || !bytes.Equal(got, b) {
				t.Fatalf("blob %d: %d bytes of %d, or changed: %v", i, len(got), len(b), err)
			}
			clear(got)
		}
	}
}

func testOnce(t *testing.T, s *suite) {
	s.put(t, "a", "first")
	s.put(t, "a", "first")
	for _, other := range []string{"other", "", "first and longer", "First"} {
		wantKind(t, s.Put(ctx(), s.name("a"), []byte(other)), fault.Conflict)
	}
	s.want(t, "a", "first")
}

func testOneWinner(t *testing.T, s *suite) {
	var won atomic.Int32
	var all sync.WaitGroup
	start := make(chan struct{})
	for i := range 20 {
		all.Go(func() {
			<-start
			switch err := s.Put(ctx(), s.name("deep/er/a"), []byte(fmt.Sprint(i))); fault.Of(err) {
			case "":
				won.Add(1)
			case fault.Conflict:
			default:
				t.Errorf("put: %v", err)
			}
		})
	}
	close(start)
	all.Wait()
	if won.Load() != 1 {
		t.Errorf("%d winners", won.Load())
	}
}

func testLimit(t *testing.T, s *suite) {
	s.put(t, "a", "12345")
	_, err := s.Get(ctx(), s.name("a"), 4)
	wantKind(t, err, fault.TooLarge)
	_, err = s.Get(ctx(), s.name("a"), 5)
	wantKind(t, err, "")
	_, err = s.Get(ctx(), s.name("b"), 5)
	wantKind(t, err, fault.NotFound)
}

func testDelete(t *testing.T, s *suite) {
	s.put(t, "k/a", "first")
	s.put(t, "k/b", "stays")
	for range 2 {
		if err := s.Delete(ctx(), s.name("k/a")); err != nil {
			t.Fatal(err)
		}
		_, err := s.Get(ctx(), s.name("k/a"), 10)
		wantKind(t, err, fault.NotFound)
	}
	if err := s.Delete(ctx(), s.name("never/was/there")); err != nil {
		t.Errorf("delete of what never was: %v", err)
	}
	s.put(t, "k/a", "second")
	s.want(t, "k/a", "second")
	s.want(t, "k/b", "stays")
	var all sync.WaitGroup
	for i := range 8 { // deleting the last of a directory beside putting into it
		all.Go(func() {
			name := s.name(fmt.Sprintf("d/e/%d", i))
			for range 20 {
				if err := s.Put(ctx(), name, nil); err != nil {
					t.Errorf("put: %v", err)
				}
				if err := s.Delete(ctx(), name); err != nil {
					t.Errorf("delete: %v", err)
				}
			}
		})
	}
	all.Wait()
}

func testNested(t *testing.T, s *suite) {
	for _, name := range []string{"a", "a/b", "a/b/c", "b/c", "b"} {
		s.put(t, name, name)
	}
	for _, name := range []string{"a", "a/b", "a/b/c", "b/c", "b"} {
		s.want(t, name, name)
	}
	if err := s.Delete(ctx(), s.name("a")); err != nil {
		t.Fatal(err)
	}
	s.want(t, "a/b", "a/b")
}

func testNames(t *testing.T, s *suite) {
	for _, c := range []struct {
		name, blob string
		want       fault.Kind
	}{
		{"every character that is allowed", s.name("azAZ09._~-"), ""},
		{"one part", s.tenant, ""},
		{"a longest name", s.name(strings.Repeat("x", 150) + "/" + strings.Repeat("y", blob.MaxName-152-len(s.tenant))), ""},
		{"a name one byte too long", s.name(strings.Repeat("x", 150) + "/" + strings.Repeat("y", blob.MaxName-151-len(s.tenant))), fault.Invalid},
		{"a longest part", s.name(strings.Repeat("x", blob.MaxPart)), ""},
		{"a part one byte too long", s.name(strings.Repeat("x", blob.MaxPart+1)), fault.Invalid},
		{"an empty name", "", fault.Invalid},
		{"a slash at the start", "/" + s.tenant, fault.Invalid},
		{"a slash at the end", s.name(""), fault.Invalid},
		{"two slashes", s.name("a//b"), fault.Invalid},
		{"a way out", s.name("../../x"), fault.Invalid},
		{"a way out at the end", s.name(".."), fault.Invalid},
		{"a part that is a dot", s.name("./a"), fault.Invalid},
		{"a hidden part", s.name(".tmp"), fault.Invalid},
		{"a backslash", s.name(`a\b`), fault.Invalid},
		{"a plus", s.name("a+"), fault.Invalid},
		{"a zero byte", s.name("a\x00"), fault.Invalid},
		{"a space", s.name("a b"), fault.Invalid},
		{"a letter beyond ASCII", s.name("č"), fault.Invalid},
	} {
		t.Run(c.name, func(t *testing.T) {
			wantKind(t, s.Put(ctx(), c.blob, []byte("x")), c.want)
			_, err := s.Get(ctx(), c.blob, 10)
			wantKind(t, err, c.want)
			wantKind(t, s.Delete(ctx(), c.blob), c.want)
		})
	}
}

// all follows a list to its end.
func (s *suite) all(t *testing.T, prefix string) (infos []blob.Info) {
	t.Helper()
	token := ""
	for range 1000 {
		page, next, err := s.List(ctx(), prefix, token)
		if err != nil {
			t.Fatalf("list: %v", err)
		}
		if len(page) > blob.MaxPage {
			t.Fatalf("%d blobs on a page", len(page))
		}
		infos = append(infos, page...)
		if token = next; token == "" {
			return infos
		}
	}
	t.Fatal("the list does not end")
	return nil
}

func testList(t *testing.T, s *suite) {
	names := []string{"a", "a-b/x", "a.b", "a/b", "a/b/c", "a/c", "a0", "a~/z", "b/a", "b/ab", "b/b"} // in byte order
	begin := time.Now().Add(-time.Minute)
	for i := range names {
		name := names[(i*7)%len(names)]
		s.put(t, name, name)
	}
	for _, prefix := range []string{"", "a", "a/", "a/b", "b/a", "b/b/", "c"} {
		var want, got []string
		for _, name := range names {
			if strings.HasPrefix(name, prefix) {
				want = append(want, name)
			}
		}
		for _, info := range s.all(t, s.name(prefix)) {
			name := strings.TrimPrefix(info.Name, s.name(""))
			got = append(got, name)
			if info.Size != int64(len(name)) || info.StoredAt.Before(begin) || info.StoredAt.After(time.Now().Add(time.Minute)) || info.StoredAt.Location() != time.UTC {
				t.Errorf("%s has size %d and time %s", name, info.Size, info.StoredAt)
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("prefix %q: %q, want %q", prefix, got, want)
		}
	}
	_, _, err := s.List(ctx(), "../", "")
	wantKind(t, err, "") // begins no name, and leads nowhere
	_, _, err = s.List(ctx(), "a\x00", "")
	wantKind(t, err, fault.Invalid)
	_, _, err = s.List(ctx(), s.name("a"), "b\x00")
	wantKind(t, err, fault.Invalid)
}

func testPages(t *testing.T, s *suite) {
	if testing.Short() {
		t.Skip("short")
	}
	const n = blob.MaxPage + 5
	var all sync.WaitGroup
	for w := range 8 {
		all.Go(func() {
			for i := w; i < n; i += 8 {
				if err := s.Put(ctx(), s.name(fmt.Sprintf("%02d/%04d", i%7, i)), nil); err != nil {
					t.Errorf("put: %v", err)
				}
			}
		})
	}
	all.Wait()
	seen := map[string]bool{}
	infos := s.all(t, s.name(""))
	for _, info := range infos {
		seen[info.Name] = true
	}
	if len(infos) != n || len(seen) != n || !slices.IsSortedFunc(infos, func(a, b blob.Info) int { return strings.Compare(a.Name, b.Name) }) {
		t.Errorf("%d visits to %d of %d blobs, or out of order", len(infos), len(seen), n)
	}
}

func testCancelled(t *testing.T, s *suite) {
	s.put(t, "a", "x")
	gone, cancel := context.WithCancel(ctx())
	cancel()
	s.refuses(t, gone)
	s.want(t, "a", "x")
}

func testClosed(t *testing.T, s *suite) {
	s.put(t, "a", "x")
	for range 2 {
		if err := s.Close(); err != nil {
			t.Fatalf("close: %v", err)
		}
	}
	s.refuses(t, ctx())
}

func (s *suite) refuses(t *testing.T, ctx context.Context) {
	t.Helper()
	wantKind(t, s.Put(ctx, s.name("b"), nil), fault.Unavailable)
	_, err := s.Get(ctx, s.name("a"), 10)
	wantKind(t, err, fault.Unavailable)
	wantKind(t, s.Delete(ctx, s.name("a")), fault.Unavailable)
	_, _, err = s.List(ctx, s.name(""), "")
	wantKind(t, err, fault.Unavailable)
}
