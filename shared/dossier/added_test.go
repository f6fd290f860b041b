package dossier_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/okence/okence/shared/access"
	model "github.com/okence/okence/shared/domain/dossier"
	"github.com/okence/okence/shared/domain/message"
	"github.com/okence/okence/shared/record"
	"github.com/okence/okence/shared/store"
	"github.com/okence/okence/shared/work"
)

// Added is a kind that nothing in this package knows of.
type Added struct {
	_         struct{}      `data:"owner=.Who class=channel purpose=service"`
	ID        string        `json:"id" data:"technical"`
	Who       string        `json:"who" data:"technical"`
	Nickname  string        `json:"nickname,omitempty" data:"personal identity"`
	Remark    string        `json:"remark,omitempty" data:"personal content"`
	Seen      message.Party `json:"seen,omitzero" data:"personal address parties"`
	Diagnosis string        `json:"diagnosis,omitempty" data:"personal health"`
}

var addeds = record.Define[Added]("test-added", 1)

func TestAKindThatIsAddedIsInThePackageAndRedactedWithNoFurtherCode(t *testing.T) {
	w := newWorld(t)
	ana, bor := person{"a1", "Ana Žagar", "ana@example.si", "+38641123456"}, person{"b1", "Bor Kos", "bor@example.org", "+38651222333"}
	w.person(ana)
	w.person(bor)
	w.talk("c1", ana, "Zadeva")
	w.say("c1", "m1", ana, "Živjo")
	w.say("c1", "m2", bor, "Pozdravljeni")
	w.do(access.Intake, func(_ context.Context, u *work.Unit) error {
		work.Save(u, addeds, &Added{ID: "x1", Who: "a1", Nickname: "Anica", Remark: "govoril je Bor Kos, 051 222 333", Diagnosis: "alergija",
			Seen: message.Party{Scheme: message.Mailto, Address: bor.mail, Name: bor.name}})
		return nil
	})
	_, all := w.build(model.Access, nil, "a1")
	for _, want := range []string{"Anica", "alergija", "govoril je [redacted: other_name], [redacted: other_address]", `"redacted": "other_party"`, `"diagnosis": "health"`} {
		if !strings.Contains(all, want) {
			t.Errorf("the package lacks %q", want)
		}
	}
	for _, not := range []string{"Kos", "051 222", bor.mail} {
		if strings.Contains(all, not) {
			t.Errorf("the package holds %q", not)
		}
	}
	if _, all := w.build(model.Access, nil, "b1"); strings.Contains(all, "Anica") || strings.Contains(all, "alergija") {
		t.Error("another's package holds it")
	}
}

// TestAPackageCostsWhatThePersonHas counts what is read: the same for a person
// alone and among many.
func TestAPackageCostsWhatThePersonHas(t *testing.T) {
	cost := func(others int) time.Duration {
		w := newWorld(t)
		w.person(person{"a1", "Ana Žagar", "ana@example.si", "+38641123456"})
		w.talk("c1", person{id: "a1"}, "Zadeva")
		for i := range 30 {
			w.say("c1", "m"+string(rune('a'+i)), person{id: "a1", name: "Ana Žagar", mail: "ana@example.si"}, "Kako je z vlogo?")
		}
		var ops []store.Op
		for i := range others {
			id := "z" + time.Duration(i).String()
			ops = append(ops, store.Op{Key: store.Key{Tenant: "ekc", Kind: "message", ID: id}, Act: store.Put, Body: []byte{1},
				Index: []store.Entry{{Index: record.ByOwner, Partition: "z" + id, Sort: "message"}, {Index: record.ByConversation, Partition: "cz" + id, Sort: id}}})
			if len(ops) == store.MaxOps {
				if err := w.Docs.Commit(context.Background(), ops...); err != nil {
					t.Fatal(err)
				}
				ops = ops[:0]
			}
		}
		best := time.Hour
		for range 7 {
			began := time.Now()
			w.build(model.Access, nil, "a1")
			best = min(best, time.Since(began))
		}
		return best
	}
	small, large := cost(1_000), cost(20_000)
	t.Logf("among 1,000 documents %s, among 20,000 %s", small, large)
	if large > 3*small+5*time.Millisecond {
		t.Errorf("among 1,000 documents %s, among 20,000 %s", small, large)
	}
}
