package dynamodb_test

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/okence/okence/shared/fault"
	"github.com/okence/okence/shared/store"
	"github.com/okence/okence/shared/store/dynamodb"
	"github.com/okence/okence/shared/store/storetest"
)

// Twenty rounds of eight clients, each with a connection of its own. All want
// one document, and each adds to one counter, with a body now inside the item
// and now outside.
func TestEightClientsLoseNoWriteAndHaveOneWinner(t *testing.T) {
	o := table(t)
	const rounds, clients, adds = 20, 8, 3
	stores := make([]*dynamodb.Store, clients)
	for i := range stores {
		stores[i] = dynamodb.New(o)
	}
	ctx := context.Background()
	for round := range rounds {
		key := func(id string) store.Key {
			return store.Key{Tenant: "t", Kind: "thing", ID: fmt.Sprintf("%d/%s", round, id)}
		}
		var won atomic.Int32
		var all sync.WaitGroup
		for i, s := range stores {
			all.Go(func() {
				err := s.Commit(ctx,
					store.Op{Key: key("one"), Act: store.Put, Expect: store.Absent(), Body: []byte(strconv.Itoa(i))},
					store.Op{Key: key("of " + strconv.Itoa(i)), Act: store.Put})
				switch fault.Of(err) {
				case "":
					won.Add(1)
				case fault.Conflict:
				default:
					t.Errorf("create: %v", err)
				}
				for range adds {
					if err := add(ctx, s, key("sum")); err != nil {
						t.Errorf("add: %v", err)
					}
				}
			})
		}
		all.Wait()
		if won.Load() != 1 {
			t.Fatalf("round %d has %d winners", round, won.Load())
		}
		docs, err := stores[0].Get(ctx, key("sum"), key("one"))
		if err != nil {
			t.Fatal(err)
		}
		if got := len(strings.TrimSpace(string(docs[0].Body))); got != clients*adds {
			t.Fatalf("round %d has %d of %d writes", round, got, clients*adds)
		}
		docs, err = stores[0].Get(ctx, key("of "+string(docs[1].Body)))
		if err != nil || !docs[0].Exists() {
			t.Fatalf("the winner's other document is missing: %v", err)
		}
	}
	infos, _, err := o.Blobs.List(ctx, "", "")
	if err != nil || len(infos) > rounds {
		t.Errorf("%d bodies outside for %d documents: %v", len(infos), rounds, err)
	}
}

// add makes the body one letter longer: every second length is too long for the
// item, by blanks.
func add(ctx context.Context, s store.Store, k store.Key) error {
	for {
		docs, err := s.Get(ctx, k)
		if err != nil {
			return err
		}
		sum := strings.TrimSpace(string(docs[0].Body)) + "I"
		body := sum
		if len(sum)%2 == 0 {
			body += strings.Repeat(" ", dynamodb.Inline)
		}
		err = s.Commit(ctx, store.Op{Key: k, Act: store.Put, Expect: store.At(docs[0].Version), Body: []byte(body)})
		if !fault.Is(err, fault.Conflict) {
			return err
		}
	}
}

// Whatever an operation knows of what it replaces, the body outside goes with it.
func TestABodyOutsideGoesWithItsDocument(t *testing.T) {
	long := []byte(strings.Repeat("x", dynamodb.Inline+1))
	for _, c := range []struct {
		name   string
		act    store.Act
		expect func(version string) store.Expect
		body   []byte
		left   int
	}{
		{"replaced at its version by a long one", store.Put, store.At, append([]byte("y"), long...), 1},
		{"replaced at its version by a short one", store.Put, store.At, []byte("y"), 0},
		{"replaced blindly by a long one", store.Put, func(string) store.Expect { return store.Any() }, append([]byte("y"), long...), 1},
		{"replaced blindly by a short one", store.Put, func(string) store.Expect { return store.Any() }, []byte("y"), 0},
		{"replaced as present", store.Put, func(string) store.Expect { return store.Present() }, []byte("y"), 0},
		{"deleted at its version", store.Delete, store.At, nil, 0},
		{"deleted blindly", store.Delete, func(string) store.Expect { return store.Any() }, nil, 0},
		{"deleted as present", store.Delete, func(string) store.Expect { return store.Present() }, nil, 0},
		{"checked", store.Check, store.At, nil, 1},
		{"refused as absent", store.Put, func(string) store.Expect { return store.Absent() }, long, 1},
		{"refused at another version", store.Put, func(string) store.Expect { return store.At("never") }, long, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			o := table(t)
			s := dynamodb.New(o)
			k := store.Key{Tenant: "t", Kind: "thing", ID: "1"}
			ctx := context.Background()
			if err := s.Commit(ctx, store.Op{Key: k, Act: store.Put, Body: long}); err != nil {
				t.Fatal(err)
			}
			docs, err := s.Get(ctx, k)
			if err != nil || string(docs[0].Body) != string(long) {
				t.Fatalf("%d bytes: %v", len(docs[0].Body), err)
			}
			err = s.Commit(ctx, store.Op{Key: k, Act: c.act, Expect: c.expect(docs[0].Version), Body: c.body})
			if refused := strings.HasPrefix(c.name, "refused"); refused != fault.Is(err, fault.Conflict) || !refused && err != nil {
				t.Fatal(err)
			}
			infos, _, err := o.Blobs.List(ctx, "", "")
			if err != nil || len(infos) != c.left {
				t.Errorf("%d bodies outside, want %d: %v", len(infos), c.left, err)
			}
			now, err := s.Get(ctx, k)
			if err != nil || c.act == store.Delete && now[0].Exists() || c.act == store.Put && err == nil && c.body != nil && !strings.HasPrefix(c.name, "refused") && string(now[0].Body) != string(c.body) {
				t.Errorf("the document has %d bytes: %v", len(now[0].Body), err)
			}
		})
	}
}

func TestALongestBodyStaysInsideByTheByte(t *testing.T) {
	o := table(t)
	s := dynamodb.New(o)
	for _, c := range []struct {
		bytes, outside int
	}{{dynamodb.Inline, 0}, {dynamodb.Inline + 1, 1}} {
		k := store.Key{Tenant: "t", Kind: "thing", ID: strconv.Itoa(c.bytes)}
		if err := s.Commit(context.Background(), store.Op{Key: k, Act: store.Put, Body: make([]byte, c.bytes)}); err != nil {
			t.Fatal(err)
		}
		if infos, _, _ := o.Blobs.List(context.Background(), "", ""); len(infos) != c.outside {
			t.Errorf("%d bytes: %d bodies outside", c.bytes, len(infos))
		}
	}
}

// A hundred of the largest documents are still one read.
func TestTheMostThatStandsInItemsIsReadAtOnce(t *testing.T) {
	s := storetest.Faulty(dynamodb.New(table(t)))
	ctx := context.Background()
	var keys []store.Key
	for i := range store.MaxKeys {
		k := store.Key{Tenant: "t", Kind: "thing", ID: fmt.Sprintf("%0200d", i)}
		keys = append(keys, k)
		op := store.Op{Key: k, Act: store.Put, Body: make([]byte, dynamodb.Inline)}
		for e := range store.MaxEntries {
			op.Index = append(op.Index, store.Entry{Index: "i" + strconv.Itoa(e), Partition: strings.Repeat("p", 250), Sort: strings.Repeat("s", store.MaxSort)})
		}
		if err := s.Commit(ctx, op); err != nil {
			t.Fatal(err)
		}
	}
	if docs, err := s.Get(ctx, keys...); err != nil || len(docs) != len(keys) {
		t.Fatalf("%d documents: %v", len(docs), err)
	}
	found := 0
	for q := (store.Query{Tenant: "t", Index: "i3", Partition: strings.Repeat("p", 250)}); ; {
		page, err := s.Query(ctx, q)
		if err != nil {
			t.Fatal(err)
		}
		found += len(page.Docs)
		if q.Token = page.Next; q.Token == "" {
			break
		}
	}
	if found != len(keys) {
		t.Errorf("%d documents by the index", found)
	}
}
