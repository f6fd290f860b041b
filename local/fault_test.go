package main

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"path/filepath"
	"testing"
	"time"

	"github.com/okence/okence/shared/access"
	"github.com/okence/okence/shared/blob/blobtest"
	"github.com/okence/okence/shared/store/sqlite"
	"github.com/okence/okence/shared/store/storetest"
	"github.com/okence/okence/shared/vault"
	vaultfile "github.com/okence/okence/shared/vault/file"
)

// faulty is a world whose document store, key store and blobs fail as planned.
type faulty struct {
	*world
	documents, wrapped *storetest.Fault // wrapped: the store of wrapped keys
	blobs              *blobtest.Fault
	kms                vault.KMS
}

func serveFaulty(t *testing.T) *faulty {
	t.Helper()
	w := serve(t)
	f := &faulty{world: w, documents: storetest.Faulty(w.env.Work.Store), blobs: blobtest.Faulty(w.env.Work.Blobs)}
	w.env.Work.Store, w.env.Work.Blobs = f.documents, f.blobs
	f.useKeys()
	return f
}

// useKeys gives the system a vault with a cold cache, over a key store that
// fails as planned.
func (f *faulty) useKeys() {
	f.t.Helper()
	if f.kms == nil {
		kms, err := vaultfile.Open(f.keys)
		if err != nil {
			f.t.Fatal(err)
		}
		keys, err := sqlite.Open(filepath.Join(f.keys, "keys.db"), sqlite.Options{})
		if err != nil {
			f.t.Fatal(err)
		}
		f.t.Cleanup(func() { _ = keys.Close() })
		f.kms, f.wrapped = kms, storetest.Faulty(keys)
	}
	f.env.Work.Vault = vault.New(f.kms, f.wrapped)
}

func (f *faulty) reset() { f.documents.Reset(); f.wrapped.Reset(); f.blobs.Reset() }

// stand is what is stored of messages, by kind: what must be there whole or not
// at all. Log entries belong to it, as what is done is noted in the same commit.
func (f *faulty) stand() map[string]int {
	out := kinds(f.docs())
	delete(out, "outbox") // may still be on its way
	return out
}

// Every call to a store that taking in one message makes fails once before and
// once after it took effect: then all of the message is there, or nothing; and
// when the provider sends it again, it is there once.
func TestAFaultAtAnyCallLeavesAllOrNothing(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, provider, id string
		body               []byte
		state              string // of its file
		before             []byte // a message that is there already
	}{
		{"a text", "whatsapp/meta", "wamid.fault", wa(said("wamid.fault", "vse ali nič")), "", nil},
		{"an answer in a conversation that exists", "whatsapp/meta", "wamid.fault",
			wa(said("wamid.fault", "vse ali nič", `"context":{"id":"wamid.before"}`)), "", wa(said("wamid.before", "prej"))},
		{"an edit of a message that exists", "whatsapp/meta", "wamid.fault",
			wa(`{"from":"38641123456","id":"wamid.fault","timestamp":"1795426201","type":"edit","edit":{"original_message_id":"wamid.before","message":{"type":"text","text":{"body":"potem"}}}}`),
			"", wa(said("wamid.before", "prej"))},
		{"a document to be fetched", "whatsapp/meta", "wamid.fault",
			wa(`{"from":"38641123456","id":"wamid.fault","timestamp":"1795426200","type":"document","document":{"filename":"a.pdf","mime_type":"application/pdf","id":"1"}}`), "unavailable", nil},
		{"a mail with a large file", "email/mime", "<fault@example.si>", mailWith("<fault@example.si>", "zvezek.txt", attached), "unscanned", nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			f := serveFaulty(t)
			base := f.prime(c.before)
			f.take(c.provider, c.body)
			whole := f.stand()
			docs, keys, blobs := f.documents.Count().All(), f.wrapped.Count().All(), f.blobs.Count().All()
			if docs < 2 || keys < 2 || (c.provider == "email/mime") != (blobs > 0) {
				t.Fatalf("%d, %d and %d calls: the test is not of what it means to be", docs, keys, blobs)
			}
			t.Logf("%d calls to documents, %d to keys, %d to blobs", docs, keys, blobs)
			for _, moment := range []storetest.Moment{storetest.Before, storetest.After} {
				for n := 1; n <= docs+keys+blobs; n++ {
					which, plan := "documents", func(f *faulty) { f.documents.Fail(storetest.Plan{Nth: n, Moment: moment}) }
					switch {
					case n > docs+keys:
						which, plan = "blobs", func(f *faulty) {
							f.blobs.Fail(blobtest.Plan{Nth: n - docs - keys, Moment: blobtest.Moment(moment)})
						}
					case n > docs:
						which, plan = "keys", func(f *faulty) { f.wrapped.Fail(storetest.Plan{Nth: n - docs, Moment: moment}) }
					}
					t.Run(fmt.Sprintf("%s call %d of all fails %s", which, n, moment), func(t *testing.T) {
						f := serveFaulty(t)
						f.prime(c.before)
						plan(f)
						r := f.post(c.provider, c.body)
						if f.documents.Failed()+f.wrapped.Failed()+f.blobs.Failed() == 0 {
							t.Fatal("nothing failed: the test proves nothing")
						}
						f.reset()
						have := f.stand()
						switch {
						case r.status == http.StatusOK:
							f.covers(have, whole)
						case r.status != http.StatusServiceUnavailable || r.body != "":
							t.Errorf("answer %d %q", r.status, r.body)
						case !maps.Equal(have, base):
							f.covers(have, whole)
						}
						f.take(c.provider, c.body)
						f.clock.set(start.Add(2 * time.Hour)) // what waits is due
						if err := f.local.Settle(context.Background()); err != nil {
							t.Error(err)
						}
						f.complete(c.id, c.state, whole)
					})
				}
			}
		})
	}
}

// prime takes in what comes before, with a cold cache of keys after it, and
// returns what is stored then.
func (f *faulty) prime(body []byte) map[string]int {
	f.t.Helper()
	if body != nil {
		f.take("whatsapp/meta", body)
		f.useKeys()
	}
	f.reset()
	return f.stand()
}

// covers fails where something of a whole message is missing. The fetching of a
// file may still be to come, with its mark and log entry.
func (f *faulty) covers(have, whole map[string]int) {
	f.t.Helper()
	for kind, n := range whole {
		late := kind == "mark" || kind == "entry"
		if have[kind] > n || have[kind] < n && !late || have[kind] == 0 {
			f.t.Errorf("half of it is there: %v, and whole it is %v", have, whole)
			return
		}
	}
}

// complete fails unless the message is there whole and once.
func (f *faulty) complete(id, state string, whole map[string]int) {
	f.t.Helper()
	have := f.stand()
	// The relay has marks of its own.
	delete(have, "mark")
	want := maps.Clone(whole)
	delete(want, "mark")
	if !maps.Equal(have, want) {
		f.t.Errorf("after the second delivery there is %v, want %v", have, want)
	}
	m := f.one(id)
	if state != "" && (len(m.Media) != 1 || m.Media[0].State != state) {
		f.t.Errorf("its file is %+v, want it %s", m.Media, state)
	}
	if state == "unscanned" {
		if r := f.ask(access.Adviser, "GET", m.Media[0].Path, nil); r.body != string(attached) {
			f.t.Errorf("its file: %d, %d bytes", r.status, len(r.body))
		}
	}
	talks := all[talk](f.world, access.Adviser, "/v1/conversations")
	if len(talks) != 1 || talks[0].Messages != whole["message"] {
		f.t.Errorf("conversations %+v, want one of %d messages", talks, whole["message"])
	}
	f.checkWhole()
}
