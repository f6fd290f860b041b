package store

import (
	"testing"

	"github.com/okence/okence/shared/fault"
)

func FuzzCursor(f *testing.F) {
	q := Query{Tenant: "t", Index: "i", Partition: "p"}
	c := Cursor{Sort: "2026", Key: Key{Tenant: "t", Kind: "k", ID: "a/b"}}
	f.Add("", false)
	f.Add(q.After(c), false)
	f.Add(q.After(c), true)
	f.Add("AQ", false)
	f.Fuzz(func(t *testing.T, token string, desc bool) {
		q := Query{Tenant: "t", Index: "i", Partition: "p", Token: token, Desc: desc}
		got, ok, err := q.Cursor()
		switch {
		case err != nil && !fault.Is(err, fault.Invalid):
			t.Fatalf("kind %s", fault.Of(err))
		case ok && q.After(got) != token:
			t.Fatal("a token that was accepted is not the one its place has")
		case ok != (token != "" && err == nil):
			t.Fatal("neither a place nor an error")
		}
	})
}
