package main

import (
	"strings"
	"testing"

	"github.com/okence/okence/shared/store"
)

// aMessage is what two messages of one conversation wrote, one after the other.
func aMessage(t *testing.T) transaction {
	t.Helper()
	write := func(hash, entry, second string) []store.Op {
		talk := store.Key{Tenant: "ekc", Kind: "conversation", ID: "1lg95oleh57ewuezo7l5qc7kh72df3hzy"}
		return []store.Op{
			{Key: store.Key{Tenant: "ekc", Kind: "message", ID: hash}, Act: store.Put, Expect: store.Absent(), Body: make([]byte, 700),
				Index: []store.Entry{{Index: "conversation", Partition: talk.ID, Sort: "2026-11-02T07:00:" + second}}},
			{Key: store.Key{Tenant: "ekc", Kind: "contact", ID: "1lg95olgtiuaitfpe4pkabbtasyiy24ce"}, Act: store.Check, Expect: store.At("7")},
			{Key: talk, Act: store.Put, Expect: store.At("7"), Body: make([]byte, 300),
				Index: []store.Entry{{Index: "time", Partition: "conversation", Sort: "2026-11-02T07:00:00"}}},
			{Key: store.Key{Tenant: "ekc", Kind: "entry", ID: entry}, Act: store.Put, Expect: store.Absent(), Body: make([]byte, 600)},
		}
	}
	return compare(
		write("dyv4eh2iduz2k3lfyplyxvjyxq", "1lg95omvtd7lxe3aoiaypvxutlxifq7ky", "01"),
		write("infcfmemivtea4exxucwi47xj4", "1lg95omq2m4x6r8t0w1y3z5b7d9fabcde", "02"))
}

func TestPlainSQLiteIsGivenTheRowsOfAMessage(t *testing.T) {
	got := aMessage(t)
	want := []struct {
		name    string
		ordered bool
		least   int // bytes, about: what its key is shorter than plain SQLite's is taken off
	}{
		{"a message under a keyed hash is in no order", false, 700},
		{"its index entry is in the order of time", true, 0},
		{"what is replaced counts as ordered, and its unchanged index entry not at all", true, 300},
		{"a log entry under an id that begins with its time is in order", true, 600},
	}
	if len(got.rows) != len(want) {
		t.Fatalf("%d rows, want %d", len(got.rows), len(want))
	}
	for i, w := range want {
		if r := got.rows[i]; r.ordered != w.ordered || len(r.body) < w.least-20 || len(r.body) > w.least+120 {
			t.Errorf("%s: ordered %t, %d bytes", w.name, r.ordered, len(r.body))
		}
	}
}

func TestFurtherMessagesHaveIdsOfTheirOwnInOneConversation(t *testing.T) {
	typical := aMessage(t)
	ops := typical.more(3)
	if err := store.CheckOps(ops); err != nil {
		t.Fatal(err) // no key stands twice
	}
	kinds, talk := map[string]int{}, ""
	for _, op := range ops {
		kinds[op.Key.Kind]++
		if op.Key.Kind == "conversation" {
			talk = op.Key.ID
		}
	}
	if kinds["message"] != 3 || kinds["entry"] != 3 || kinds["conversation"] != 1 || kinds["contact"] != 0 {
		t.Errorf("wrote %v", kinds)
	}
	if !strings.HasPrefix(talk, "1lg95ol") || talk == typical.ops[2].Key.ID {
		t.Errorf("the conversation is %s", talk)
	}
	for _, op := range ops {
		if op.Key.Kind == "message" && op.Index[0].Partition != talk {
			t.Errorf("a message stands with %s, want %s", op.Index[0].Partition, talk)
		}
	}
	if other := typical.more(1); other[0].Index[0].Partition == talk {
		t.Error("two calls make the same conversation")
	}
}

func TestAGoalIsAboutTheRatioWhereThereIsALimit(t *testing.T) {
	for _, c := range []struct {
		name string
		got  figure
		want string
	}{
		{"a ratio on its goal is met", figure{Value: 35}.over(100, "x").atLeast(0.35), "yes"},
		{"a ratio under it is not", figure{Value: 34.9}.over(100, "x").atLeast(0.35), "no"},
		{"at most holds on the goal", figure{Value: 4}.over(1, "x").atMost(4), "yes"},
		{"and not above", figure{Value: 4.01}.over(1, "x").atMost(4), "no"},
		{"without a limit the value counts", figure{Value: 0}.atMost(0), "yes"},
		{"one call is one too many", figure{Value: 1}.atMost(0), "no"},
	} {
		if c.got.Met != c.want {
			t.Errorf("%s: %+v", c.name, c.got)
		}
	}
}
